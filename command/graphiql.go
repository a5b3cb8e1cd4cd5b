package command

import (
	"net/http"
	"path/filepath"

	"github.com/ownql/ownql/internal/graphiql"
	"github.com/ownql/ownql/web"
)

// graphiqlPath is where GraphiQL is that `ownql dev` has kept for this machine. Another build has another.
func graphiqlPath() string { return "/dev/graphiql/" + graphiql.Key() + "/" }

// keptGraphiQL returns graphiqlPath; empty: nothing is kept.
func keptGraphiQL() string {
	if !graphiql.IsBuilt(graphiql.Dir()) {
		return ""
	}
	return graphiqlPath()
}

// serveGraphiQL answers with a file of the build.
func serveGraphiQL(w http.ResponseWriter, r *http.Request) {
	name, dir := r.PathValue("file"), graphiql.Dir()
	if name != graphiql.Script && name != graphiql.Style || !graphiql.IsBuilt(dir) {
		web.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable") // the path is of what is in it
	http.ServeFile(w, r, filepath.Join(dir, name))
}
