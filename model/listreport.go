package model

import (
	"context"
	"strings"
)

// A ListReport is what a page of a list, or a count, has cost.
type ListReport struct {
	Table    string // without the prefix
	Index    string // of DynamoDB's, that of the first list where several are merged; empty: the table itself, by id
	Examined int    // items that were read, hidden ones included
	Returned int    // items of the page, or that were counted
	// Advice is the @index by which less would have been examined, where that was ten times what was
	// returned; empty: none is known.
	Advice string
}

// wasteFrom is how many times what it returns a list examines for the report to have advice.
const wasteFrom = 10

type listReportsKey struct{}

// WithListReports returns a context whose lists report what they cost, each in the context of its
// resolver.
func WithListReports(ctx context.Context, report func(ctx context.Context, report ListReport)) context.Context {
	return context.WithValue(ctx, listReportsKey{}, report)
}

// report tells what a walk by a plan has cost, where somebody asks for it.
func (m *core) report(ctx context.Context, list Index, plan listPlan, c *condition, mayChoose, isCount bool, w *walk, returned int) {
	report, isAsked := ctx.Value(listReportsKey{}).(func(context.Context, ListReport))
	if !isAsked {
		return
	}
	told := ListReport{Table: strings.TrimPrefix(m.table.Name(), m.db.prefix), Examined: w.examined, Returned: returned}
	if plan.index != (Index{}) {
		told.Index = plan.index.name()
	}
	if mayChoose && w.examined >= wasteFrom*max(returned, 1) {
		told.Advice = m.advised(list, plan, c, isCount)
	}
	report(ctx, told)
}
