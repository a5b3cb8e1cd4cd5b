package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ownql/ownql/internal/testclient"
)

// someWheres are what rules say of issues, one of each kind, and what makes them of several fields.
var someWheres = []map[string]any{
	{"status": map[string]any{"eq": "PUBLISHED"}},
	{"status": map[string]any{"eq": "DRAFT"}, "isOpen": map[string]any{"eq": true}},
	{"severity": map[string]any{"exists": false}}, // which was renamed
	{"severity": map[string]any{"in": []any{"HIGH"}}},
	{"isBlocked": map[string]any{"eq": nil}},
	{"or": []any{map[string]any{"points": map[string]any{"ge": 2.0}}, map[string]any{"body": map[string]any{"beginsWith": "a"}}}},
	{"not": map[string]any{"and": []any{map[string]any{"board": map[string]any{"eq": "b"}}, map[string]any{"estimate": map[string]any{"exists": true}}}}},
	{"title": map[string]any{"between": []any{"a", "b"}}},
	{"note": map[string]any{"ne": "none"}, "epic": map[string]any{"exists": true}},
	{"labels": map[string]any{"contains": "a"}},
	{"at": map[string]any{"floor": map[string]any{"lt": 2.0}}},
	{"dueDate": map[string]any{"gt": "2026-11-22T12:00:00.500Z"}, "points": map[string]any{"in": []any{0.0, 1.0, 3.0}}},
}

// TestWhereDifferential is TestFilterDifferential of issues whose rules say what they are to be, of each of
// several kinds. OWNQL_TEST_SEED sets the seed, which is in the log of a test that fails.
func TestWhereDifferential(t *testing.T) {
	seed := seedOf(t, uint64(time.Now().UnixNano()))
	for i, is := range someWheres {
		other := someWheres[(i+1)%len(someWheres)]
		isOf := func(d *differential, where map[string]any, item *issue) bool { return d.matches(System, where, item) }
		isOwner := func(caller Caller, item *issue) bool { return item.OwnerID == caller.ID }
		kinds := []struct {
			rules  []Rule
			counts bool // an editor's lists, since editors may read all
			maySee func(d *differential, caller Caller, item *issue) bool
		}{
			{[]Rule{Allow(OnRead, Anyone, Where(is))}, false, func(d *differential, _ Caller, item *issue) bool { return isOf(d, is, item) }},
			{[]Rule{Allow(OnRead, Owner), Allow(OnRead, Anyone, Where(is))}, false,
				func(d *differential, caller Caller, item *issue) bool {
					return isOwner(caller, item) || isOf(d, is, item)
				}},
			{[]Rule{Allow(OnRead, Via("projectId", OnRead), Where(is)), Allow(OnRead, Owner, Where(other), Where(is)), Allow(OnRead, Groups("editor"))}, true,
				func(d *differential, caller Caller, item *issue) bool {
					return isOf(d, is, item) && (d.maySeeProject(caller, item.ProjectID) || isOwner(caller, item) && isOf(d, other, item)) || slices.Contains(caller.Roles, "editor")
				}},
			{[]Rule{Allow(OnRead, Via("projectId", OnRead), Where(is)), Allow(OnRead, Authenticated, Where(other))}, false,
				func(d *differential, caller Caller, item *issue) bool {
					return isOf(d, is, item) && d.maySeeProject(caller, item.ProjectID) || isOf(d, other, item)
				}},
		}
		kind := kinds[(uint64(i)+seed)%uint64(len(kinds))]
		t.Run(fmt.Sprint(is), func(t *testing.T) {
			d := &differential{tracker: newTracker(t), orders: joinedIssues, keys: issueKeys, random: rand.New(rand.NewPCG(seed, uint64(i)))}
			d.issues.core.definition.Rules = d.issues.core.scoped(d.issues.core.understood(kind.rules))
			d.sees = func(caller Caller, item *issue) bool { return caller.IsSystem() || kind.maySee(d, caller, item) }
			d.fill(t)
			for range testclient.Cases / 40 {
				d.compare(t)
				if t.Failed() {
					return
				}
			}
			seen := 0
			for _, item := range d.all {
				if d.maySee(editor, item) {
					seen++
				}
			}
			d.counted = 0
			d.wantTotal(t, "all, as an editor", editor, OfAll.Index(), nil, Page{}, seen)
			if kind.counts && d.counted == 0 {
				t.Error("an editor's list of all is not counted")
			}
		})
	}
}
