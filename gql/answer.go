package gql

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/web"
)

// An answer is one operation's data, as it is written. gqlgen resolves every field first, and what
// it has then are functions that write, text by text, and escape it: 29 aliases of one text that
// stands in memory once write it 29 times. So the bytes are counted where they are written, and
// writing stops at the first that is too much.
type answer struct {
	most    int // bytes
	written int
	hold    *web.Hold
	held    int
	refused error // why it is not written to its end

	making sync.Mutex // while fields are resolved at once, until the first is written
	cost   cost
}

// answerExtension is where an operation has its answer.
const answerExtension = "ownql.answer"

// An answer asks for room of heldAtOnce bytes at a time until it has largeAnswer, and then for all
// that it may need: several that each have a part of it would wait for each other.
const (
	heldAtOnce  = 8 << 10
	largeAnswer = 64 << 10
)

// boundAnswer has an operation's data be written within the bounds. It holds what as many fields
// have as there may be; of a large operation the rest is held when it is its turn. An error is that
// of [web.Hold.Take].
func boundAnswer(ctx context.Context, operation *graphql.OperationContext, most int) (*answer, error) {
	a := &answer{most: most, hold: web.HoldFrom(ctx), cost: newCost(operation)}
	operation.Stats.SetExtension(answerExtension, a)
	operation.ResolverMiddleware = a.countLists // the handler has no AroundFields
	return a, holdFields(ctx, min(costOf(operation), largeCost))
}

// memoryOfField is what a field of an answer has in memory, about, before it is written: gqlgen's
// contexts, goroutines and functions, as measured with lists in lists.
const memoryOfField = 1280

// holdFields holds what so many fields have.
func holdFields(ctx context.Context, fields int) error {
	return web.HoldFrom(ctx).Take(ctx, memoryOfField*fields)
}

// counted returns what a root field answers as what is written through the operation's answer, if it has one.
func counted(ctx context.Context, operation *graphql.OperationContext, data graphql.Marshaler) graphql.Marshaler {
	a, ok := operation.Stats.GetExtension(answerExtension).(*answer)
	if !ok || data == nil || data == graphql.Null || data == graphql.RequiredNull {
		return data // gqlgen compares it
	}
	return countedData{data, ctx, a}
}

// countedData is the data of one root field.
type countedData struct {
	data   graphql.Marshaler
	ctx    context.Context
	answer *answer
}

// MarshalGQL writes the data, or a part of it where it is refused. It stops by a panic, which no
// function of gqlgen's or of a project's between here and Write has a way around.
func (d countedData) MarshalGQL(w io.Writer) {
	if d.answer.refused != nil {
		return
	}
	defer func() {
		if value := recover(); value != nil && value != errRefused {
			panic(value)
		}
	}()
	d.data.MarshalGQL(&countedWriter{w, d.ctx, d.answer})
}

// errRefused is panicked with where an answer's refused is set.
var errRefused = errors.New("the answer is refused")

type countedWriter struct {
	io.Writer
	ctx    context.Context
	answer *answer
}

func (w *countedWriter) Write(p []byte) (int, error) {
	w.answer.count(w.ctx, len(p))
	return w.Writer.Write(p)
}

// WriteString is for [io.WriteString], by which gqlgen writes text.
func (w *countedWriter) WriteString(text string) (int, error) {
	w.answer.count(w.ctx, len(text))
	return io.WriteString(w.Writer, text)
}

// count counts bytes that are about to be written.
func (a *answer) count(ctx context.Context, bytes int) {
	if a.refused = a.add(ctx, bytes); a.refused != nil {
		panic(errRefused)
	}
}

// add counts bytes. Errors: [TooComplex], and those of [web.Hold.Take].
func (a *answer) add(ctx context.Context, bytes int) error {
	a.written += bytes
	if a.written > a.most {
		return TooComplex("bytes of answer", 0, a.most)
	}
	if a.written <= a.held {
		return nil
	}
	more := max(heldAtOnce, a.written-a.held)
	if a.written > largeAnswer {
		more = max(more, min(a.most-a.held, a.hold.Quarter()/2))
	}
	a.held += more
	return a.hold.Take(ctx, 2*more) // a buffer that grows has twice the room at times
}

// response returns gqlgen's response or, where that is refused, the one in its place. From then on
// the request holds no more than that.
func (a *answer) response(ctx context.Context, operation *graphql.OperationContext, made *graphql.Response) *graphql.Response {
	if made == nil { // the client has gone
		return nil
	}
	if a.refused == nil { // introspection passes by the root fields' middleware
		a.refused = a.add(ctx, len(made.Data)-a.written)
	}
	if a.refused != nil {
		made = &graphql.Response{Errors: gqlerror.List{a.refusal(ctx, operation)}, Data: []byte("null")}
	}
	a.hold.KeepOnly(cap(made.Data))
	return made
}

// refusal tells why there is no answer. A mutation that has been carried out is not to be sent again.
func (a *answer) refusal(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	told := *web.ErrorOf(ctx, a.refused)
	if operation.Operation.Operation == ast.Mutation {
		told.RetryAfter = 0
		told.Message += "; what the mutation was to change has been changed"
	}
	return asGraphQL(&told)
}
