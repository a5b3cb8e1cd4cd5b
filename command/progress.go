package command

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

const (
	progressWidth    = 30 // characters
	progressInterval = 100 * time.Millisecond
)

// progress is a bar on a terminal, and nothing elsewhere.
type progress struct {
	to    io.Writer // nil: not a terminal
	what  string
	shown time.Time
}

func newProgress(to io.Writer, what string) *progress {
	if file, ok := to.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		to = nil
	}
	return &progress{to: to, what: what}
}

// show draws the bar anew, ten times a second at most.
func (p *progress) show(done, total int64) {
	if p.to == nil || time.Since(p.shown) < progressInterval {
		return
	}
	p.shown = time.Now()
	filled := int(progressWidth * done / max(total, 1))
	fmt.Fprintf(p.to, "\r\x1b[K%s [%s%s] %d of %d", p.what, strings.Repeat("#", filled), strings.Repeat(".", progressWidth-filled), done, total)
}

// clear takes the bar away.
func (p *progress) clear() {
	if !p.shown.IsZero() {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
