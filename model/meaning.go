package model

import (
	"context"
	"reflect"
	"sync"
)

// A meaning is what a filter means to a model. It is not changed any more.
type meaning struct {
	condition *condition
	digest    digest // of the condition
}

// meaningOf returns what the filter means, as conditionOf says it; nil: it holds for every item. The
// lists of an operation that have one filter, as a variable gives it, share what it means, so that it
// is read and kept once, however many lists these are.
func (m *core) meaningOf(ctx context.Context, f *Filter) (*meaning, error) {
	if f == nil || len(f.given) == 0 {
		return nil, nil
	}
	budget := ReadBudgetFrom(ctx)
	if budget == nil {
		return m.readMeaning(f)
	}
	known := budget.meanings.of(m, f)
	known.once.Do(func() { known.meaning, known.err = m.readMeaning(f) })
	return known.meaning, known.err
}

func (m *core) readMeaning(f *Filter) (*meaning, error) {
	c, err := m.conditionOf(f)
	if c == nil || err != nil {
		return nil, err
	}
	return &meaning{c, c.digest()}, nil
}

// maxMeanings is how many filters' meanings an operation keeps: one for each alias that may stand in
// a document. A filter that stands in the document itself is another one for each list.
const maxMeanings = 30

// meanings are those of an operation's filters, for its lists, which may be read at once.
type meanings struct {
	mu    sync.Mutex
	known map[meaningKey]*knownMeaning
}

type meaningKey struct {
	model anyModel
	given uintptr // of a map
}

type knownMeaning struct {
	given map[string]any // keeps its place from being another map's

	once    sync.Once
	meaning *meaning
	err     error
}

func (m *meanings) of(model anyModel, f *Filter) *knownMeaning {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := meaningKey{model, reflect.ValueOf(f.given).Pointer()}
	if known := m.known[key]; known != nil {
		return known
	}
	known := &knownMeaning{given: f.given}
	if m.known == nil {
		m.known = map[meaningKey]*knownMeaning{}
	}
	if len(m.known) < maxMeanings {
		m.known[key] = known
	}
	return known
}
