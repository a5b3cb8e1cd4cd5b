package command

import (
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/ownql/ownql/internal/devstatus"
	"github.com/ownql/ownql/web"
)

// devStatusPath is where the playground asks what `ownql dev` says.
const devStatusPath = "/dev/status"

// devLoop is the `ownql dev` that has started this server; empty: none has.
type devLoop struct{ devstatus.Dir }

func newDevLoop(getenv func(string) string) devLoop {
	return devLoop{devstatus.Dir(getenv(devstatus.Variable))}
}

func (l devLoop) isThere() bool { return l.Dir != "" }

// serving tells it that the server serves. It returns whether the user is to be greeted, who was not by a server of
// before.
func (l devLoop) serving(addr net.Addr) (isFirst bool) {
	if !l.isThere() {
		return true
	}
	isFirst, err := l.SetServing("http://" + addr.String())
	if err != nil {
		slog.Warn("ownql dev is not told that the server serves", "err", err)
	}
	return isFirst
}

// handler returns next with devStatusPath beside it, for the user of this machine alone. A page asks all the time, so
// it is not in the log, and needs nothing of what holds requests back.
func (l devLoop) handler(next http.Handler) http.Handler {
	if !l.isThere() {
		return next
	}
	// By it a page knows that it speaks to another server than before.
	server := strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	answer := web.OnlyOwner(web.REST(http.MethodGet, func(w http.ResponseWriter, r *http.Request) error {
		status, err := l.Status()
		if err != nil {
			return err
		}
		kept, _ := keptGraphiQL()
		return web.WriteJSON(w, http.StatusOK, struct {
			Server   string `json:"server"`
			GraphiQL string `json:"graphiql"` // see keptGraphiQL
			devstatus.Status
		}{server, kept, status})
	}))
	secured := web.WithSecurityHeaders(false, answer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == devStatusPath {
			secured.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
