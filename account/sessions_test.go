package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// TestSessionsOfABudget pages through a session among many that have ended, in operations that may
// each examine few, in both directions: it comes once, and no operation examines more.
func TestSessionsOfABudget(t *testing.T) {
	s, db, prefix := open(t)
	user, live := signUp(t, s, "ada@example.com")
	ended := make([]any, 30)
	for i := range ended {
		session := account.NewSession(-time.Hour, "ended")
		session.ID = fmt.Sprintf("%08x-0000-7000-8000-000000000000", i) // long ago
		if i%2 == 0 {
			session.ID = fmt.Sprintf("ffffff%02x-0000-7000-8000-000000000000", i) // newer than the live one
		}
		session.UserID = user.ID
		ended[i] = session
	}
	if _, err := db.Table(prefix+"sessions").Batch("userId", "id").Write().Put(ended...).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := 1
	for _, isBackward := range []bool{false, true} {
		page, seen, steps := model.Page{First: &one}, 0, 0
		if isBackward {
			page = model.Page{Last: &one}
		}
		for hasMore := true; hasMore; steps++ {
			ctx, budget := model.WithReadBudget(t.Context(), model.ReadLimits{Operation: 5})
			found, err := s.Sessions(ctx, user.Caller(), user, page)
			if err != nil || steps > 20 {
				t.Fatal(steps, err)
			}
			for _, edge := range found.Edges {
				if seen++; edge.Node.ID != live.ID {
					t.Errorf("%s has ended", edge.Node.ID)
				}
			}
			if isBackward {
				hasMore, page.Before = found.PageInfo.HasPreviousPage, found.PageInfo.StartCursor
			} else {
				hasMore, page.After = found.PageInfo.HasNextPage, found.PageInfo.EndCursor
			}
			if isEarly := budget.Err() != nil; isEarly != (budget.Take(1) == 0) {
				t.Errorf("step %d: early %v", steps, isEarly)
			}
		}
		if seen != 1 || steps < 31/5 {
			t.Errorf("backward %v: %d sessions in %d steps", isBackward, seen, steps)
		}
	}
}
