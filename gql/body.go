package gql

import (
	"context"
	"io"
	"time"

	"github.com/ownql/ownql/web"
)

const (
	maxBody        = 1 << 20  // bytes of a request
	largeBody      = 64 << 10 // bytes from which on a body is a large one
	maxLargeBodies = 32       // that are being read at once
	largeBodyWait  = 2 * time.Second
)

// largeBodies bounds how many large bodies are in memory at once, one slot each, however
// many clients begin to send one and then stop.
type largeBodies chan struct{}

// limit returns body with the bound on it, and what to call when it has been used.
// Reading on past largeBody without a free slot is an web.Busy.
func (slots largeBodies) limit(ctx context.Context, body io.ReadCloser) (limited io.ReadCloser, done func()) {
	b := &limitedBody{ReadCloser: body, ctx: ctx, slots: slots}
	return b, func() {
		if b.hasSlot {
			<-slots
		}
	}
}

type limitedBody struct {
	io.ReadCloser
	ctx     context.Context
	slots   largeBodies
	read    int
	hasSlot bool
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.read >= largeBody && !b.hasSlot {
		wait := time.NewTimer(largeBodyWait)
		defer wait.Stop()
		select {
		case b.slots <- struct{}{}:
			b.hasSlot = true
		case <-wait.C:
			return 0, web.Busy(largeBodyWait)
		case <-b.ctx.Done():
			return 0, b.ctx.Err()
		}
	}
	n, err := b.ReadCloser.Read(p)
	b.read += n
	return n, err
}
