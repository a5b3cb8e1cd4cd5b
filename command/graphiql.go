package command

import (
	"net/http"
	"path/filepath"

	"github.com/ownql/ownql/internal/graphiql"
	"github.com/ownql/ownql/web"
)

// graphiqlPath is where GraphiQL is that `ownql dev` has kept for this machine. What is built of other sources has another.
func graphiqlPath() string { return "/dev/graphiql/" + graphiql.Key() + "/" }

// keptGraphiQL returns graphiqlPath, and the directory; empty: nothing is kept.
func keptGraphiQL() (path, dir string) {
	if dir = graphiql.Dir(); !graphiql.IsBuilt(dir) {
		return "", ""
	}
	return graphiqlPath(), dir
}

// serveGraphiQL answers with a file of the build.
func serveGraphiQL(w http.ResponseWriter, r *http.Request) {
	name, dir := r.PathValue("file"), graphiql.Dir()
	if name != graphiql.Script && name != graphiql.Style || !graphiql.IsBuilt(dir) {
		web.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "private, no-cache") // the same sources may be built anew
	http.ServeFile(w, r, filepath.Join(dir, name))
}
