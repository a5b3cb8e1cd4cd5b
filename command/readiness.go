package command

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// readiness tells whether the store answers. However many ask at once, the store is asked once,
// and a good answer counts for a while.
type readiness struct {
	db     *model.DB
	asking singleflight.Group

	mu   sync.Mutex
	good time.Time // until then
}

// How long the store may take to answer, and how long a good answer counts.
const (
	readyPatience = 2 * time.Second
	readyLife     = time.Second
)

func newReadiness(db *model.DB) *readiness { return &readiness{db: db} }

// ready answers GET /readyz.
func (s *readiness) ready(w http.ResponseWriter, r *http.Request) error {
	if !s.isKnown() {
		asked := s.asking.DoChan("", func() (any, error) { return nil, s.ask() })
		select {
		case answer := <-asked:
			if answer.Err != nil {
				return fmt.Errorf("%w: %w", web.ErrNotReady, answer.Err)
			}
		case <-r.Context().Done():
			return fmt.Errorf("%w: %w", web.ErrNotReady, r.Context().Err())
		}
	}
	return alive(w, r)
}

func (s *readiness) isKnown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.good)
}

// ask asks the store, for all who wait for it.
func (s *readiness) ask() error {
	if s.isKnown() { // since this one looked
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyPatience)
	defer cancel()
	if err := s.db.Ready(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.good = time.Now().Add(readyLife)
	return nil
}
