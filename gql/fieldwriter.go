package gql

import (
	"bytes"
	"context"
	"io"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// A FieldWriter takes the value of a plain field from Plain of an [Object], by one call of a method or a function for its Go
// type. It writes the value into the answer as gqlgen would, or keeps it for gqlgen.
type FieldWriter struct {
	field *selectedField // nil: the value is kept
	value any

	text      []byte
	parts     []part
	isRefused bool // gqlgen is to answer the object, with the errors, paths and nulls that it has for it

	ctx    context.Context
	answer *answer    // nil: lists are not counted
	of     *ast.Field // whose value the object is; nil: a list has it
}

// A part of an answer is written between two parts of its text.
type part struct {
	at    int
	value graphql.Marshaler // nil: not known yet
}

// longText is how many bytes a text has at most that is copied where its object is answered. Escaped it may have six times as
// many, for which memoryOfField has room. A longer one is written from where it stands, as gqlgen does it.
const longText = 200

var fieldWriters = sync.Pool{New: func() any { return new(FieldWriter) }}

// release leaves a writer to the next object, unless it has become large.
func (w *FieldWriter) release() {
	if cap(w.text) > largeAnswer {
		return
	}
	clear(w.parts)
	*w = FieldWriter{text: w.text[:0], parts: w.parts[:0]}
	fieldWriters.Put(w)
}

// write writes what is selected of an object, but for what is not plain, and tells whether that could be done.
func (w *FieldWriter) write(s *selection, of any) (ok bool) {
	defer func() {
		if recover() != nil { // it happens again where gqlgen answers the object, which tells of it
			ok = false
		}
	}()
	w.object(s, of)
	return !w.isRefused
}

func (w *FieldWriter) object(s *selection, of any) {
	for i := range s.fields {
		field := &s.fields[i]
		w.text = append(w.text, field.key...)
		switch {
		case field.isOther:
			w.parts = append(w.parts, part{at: len(w.text)})
		case field.index >= 0:
			w.field = field
			s.object.Plain(w, field.index, of)
		}
		if w.isRefused {
			return
		}
	}
	w.text = append(w.text, s.end...)
}

// null writes null for a field that may be null.
func (w *FieldWriter) null(isNonNull bool) {
	w.isRefused = w.isRefused || isNonNull
	w.text = append(w.text, "null"...)
}

func (w *FieldWriter) string(v string) {
	if len(v) > longText {
		w.parts = append(w.parts, part{len(w.text), graphql.MarshalString(v)})
		return
	}
	w.text = appendString(w.text, v)
}

// appendString appends what [graphql.MarshalString] writes.
func appendString(to []byte, v string) []byte {
	const hex = "0123456789ABCDEF"
	to = append(to, '"')
	from := 0
	for i := range len(v) {
		c := v[i]
		if c >= 0x20 && c != '\\' && c != '"' {
			continue
		}
		to = append(to, v[from:i]...)
		from = i + 1
		switch c {
		case '\\', '"':
			to = append(to, '\\', c)
		case '\t':
			to = append(to, `\t`...)
		case '\r':
			to = append(to, `\r`...)
		case '\n':
			to = append(to, `\n`...)
		default:
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
	}
	return append(append(to, v[from:]...), '"')
}

// String takes a String or an ID.
func (w *FieldWriter) String(v string) {
	if w.field == nil {
		w.value = v
		return
	}
	w.string(v)
}

// GlobalID takes the global id of an object, by its type's name in ids and its own id.
func (w *FieldWriter) GlobalID(typeName, id string) {
	if w.field == nil {
		w.value = model.GlobalID(typeName, id)
		return
	}
	w.text = append(model.AppendGlobalID(append(w.text, '"'), typeName, id), '"') // it has nothing to escape
}

// Enum takes an enum, or another type that is text.
func Enum[T ~string](w *FieldWriter, v T) {
	if w.field == nil {
		w.value = v
		return
	}
	w.string(string(v))
}

// Boolean takes a Boolean.
func (w *FieldWriter) Boolean(v bool) {
	if w.field == nil {
		w.value = v
		return
	}
	w.text = strconv.AppendBool(w.text, v)
}

// Int takes an Int.
func (w *FieldWriter) Int(v int) {
	if w.field == nil {
		w.value = v
		return
	}
	w.text = strconv.AppendInt(w.text, int64(v), 10)
}

// Float takes a Float. JSON has none that is infinite, and gqlgen an error for it.
func (w *FieldWriter) Float(v float64) {
	if w.field == nil {
		w.value = v
		return
	}
	w.isRefused = w.isRefused || math.IsInf(v, 0) || math.IsNaN(v)
	w.text = strconv.AppendFloat(w.text, v, 'g', -1, 64)
}

// DateTime takes a DateTime.
func (w *FieldWriter) DateTime(v model.DateTime) {
	if w.field == nil {
		w.value = v
		return
	}
	w.text = append(v.Append(append(w.text, '"')), '"')
}

// Date takes a Date.
func (w *FieldWriter) Date(v model.Date) {
	if w.field == nil {
		w.value = v
		return
	}
	w.text = strconv.AppendQuote(w.text, v.String())
}

// Decimal takes a Decimal.
func (w *FieldWriter) Decimal(v model.Decimal) {
	if w.field == nil {
		w.value = v
		return
	}
	w.text = strconv.AppendQuote(w.text, v.String())
}

// JSON takes a JSON.
func (w *FieldWriter) JSON(v model.JSON) {
	if w.field == nil {
		w.value = v
		return
	}
	text := v.String()
	if len(text) > longText {
		w.parts = append(w.parts, part{len(w.text), v})
		return
	}
	w.text = append(w.text, text...)
}

// Nullable takes a scalar or an enum that may be nil, and take what it points at.
func Nullable[T any](w *FieldWriter, v *T, take func(*FieldWriter, T)) {
	if w.field == nil {
		w.value = v
	} else if v == nil {
		w.null(w.field.isNonNull)
	} else {
		take(w, *v)
	}
}

// List takes a list of scalars or enums, and take what is in it.
func List[T any](w *FieldWriter, v []T, take func(*FieldWriter, T)) {
	if w.field == nil {
		w.value = v
		return
	}
	if !w.beginList(v == nil, len(v)) {
		return
	}
	from := len(w.text)
	for i := range v {
		w.element(i)
		take(w, v[i])
	}
	w.text = append(w.text, ']')
	if w.answer != nil && w.answer.holdText(w.ctx, len(w.text)-from-memoryOfElement*len(v)) != nil {
		w.isRefused = true
	}
}

// Embedded takes an object by value.
func Embedded[T any](w *FieldWriter, v *T) {
	if w.field == nil {
		w.value = *v
		return
	}
	w.nested(v)
}

// EmbeddedList takes a list of objects by value.
func EmbeddedList[T any](w *FieldWriter, v []T) {
	if w.field == nil {
		w.value = v
		return
	}
	w.list(v == nil, len(v), func(i int) any { return &v[i] })
}

// Pointer takes a pointer to an object.
func Pointer[P comparable](w *FieldWriter, v P) {
	var null P
	if w.field == nil {
		w.value = v
	} else if v == null {
		w.null(w.field.isNonNull)
	} else {
		w.nested(v)
	}
}

// Pointers takes a list of pointers to objects.
func Pointers[P comparable](w *FieldWriter, v []P) {
	if w.field == nil {
		w.value = v
		return
	}
	w.list(v == nil, len(v), func(i int) any {
		var null P
		if v[i] == null {
			return nil
		}
		return v[i]
	})
}

// nested writes the object that the field has.
func (w *FieldWriter) nested(object any) {
	of := w.of
	w.of = w.field.Field
	w.object(w.field.selection, object)
	w.of = of
}

// list writes a list of objects, nil for null.
func (w *FieldWriter) list(isNil bool, length int, at func(int) any) {
	if !w.beginList(isNil, length) {
		return
	}
	field, of := w.field, w.of
	w.of = nil
	for i := range length {
		w.element(i)
		if object := at(i); object == nil {
			w.null(field.hasNonNull)
		} else {
			w.object(field.selection, object)
		}
		if w.isRefused {
			return
		}
	}
	w.of = of
	w.text = append(w.text, ']')
}

// beginList begins to write a list, unless it is null, or there is no room for it.
func (w *FieldWriter) beginList(isNil bool, length int) bool {
	if isNil && !w.field.isNonNull {
		w.null(false)
		return false
	}
	if w.answer != nil && !w.answer.isCounted(w.field.Definition, w.of) && w.answer.holdList(w.ctx, w.field.CollectedField, length) != nil {
		w.isRefused = true
		return false
	}
	w.text = append(w.text, '[')
	return true
}

func (w *FieldWriter) element(i int) {
	if i > 0 {
		w.text = append(w.text, ',')
	}
}

// written is what a FieldWriter has written.
type written struct {
	text  []byte
	parts []part
	by    *FieldWriter // whose text and parts they are until they are marshaled, which happens once; nil: they are its own
}

// plainValue returns the value of a plain field, for gqlgen.
func plainValue(o *Object, field int, of any) any {
	w := fieldWriters.Get().(*FieldWriter)
	o.Plain(w, field, of)
	value := w.value
	w.release()
	return value
}

// writtenOf writes what is selected of an object, but for what is not plain; nil: it cannot be written so.
func writtenOf(ctx context.Context, operation *graphql.OperationContext, s *selection, of any) *written {
	w := newFieldWriter(ctx, operation)
	defer w.release()
	if field := graphql.GetFieldContext(ctx); field != nil {
		w.of = field.Field.Field
	}
	if !w.write(s, of) {
		return nil
	}
	return w.written()
}

// newFieldWriter returns a writer of an operation's answer.
func newFieldWriter(ctx context.Context, operation *graphql.OperationContext) *FieldWriter {
	w := fieldWriters.Get().(*FieldWriter)
	w.ctx = ctx
	w.answer, _ = operation.Stats.GetExtension(answerExtension).(*answer)
	return w
}

// writtenNodes writes what is selected of nodes, each of which may be null; nil: gqlgen is to answer them.
func writtenNodes(ctx context.Context, e Execution, operation *graphql.OperationContext, set ast.SelectionSet, nodes []model.Node) *written {
	if elem := graphql.GetFieldContext(ctx).Field.Definition.Type.Elem; nodes == nil || elem == nil || elem.NonNull {
		return nil
	}
	made := make([]*selection, len(nodes)) // nil: null
	var s *selection                       // of the last node
	for i, node := range nodes {
		if node == nil {
			continue
		}
		object := e.NodeObject(node)
		if object == nil {
			return nil
		}
		if s == nil || s.object != object {
			s = selectionOf(e, operation, object, set)
		}
		if s == nil || !s.isWhole() {
			return nil
		}
		made[i] = s
	}
	w := newFieldWriter(ctx, operation)
	w.text = append(w.text, '[')
	for i, s := range made {
		w.element(i)
		if s == nil {
			w.text = append(w.text, "null"...)
		} else if !w.write(s, nodes[i]) {
			w.release()
			return nil
		}
	}
	w.text = append(w.text, ']')
	return &written{w.text, w.parts, w}
}

// written returns what has been written until now.
func (w *FieldWriter) written() *written {
	return &written{text: slices.Clone(w.text), parts: slices.Clone(w.parts)}
}

// size returns how many bytes it marshals, but for parts of which that is not known.
func (a *written) size() int {
	size := len(a.text)
	for _, part := range a.parts {
		switch value := part.value.(type) {
		case *written:
			size += value.size()
		case countedData:
			if data, ok := value.data.(*written); ok {
				size += data.size()
			}
		}
	}
	return size
}

// MarshalGQL is of [graphql.Marshaler].
func (a *written) MarshalGQL(w io.Writer) {
	if buffer, ok := w.(*bytes.Buffer); ok {
		buffer.Grow(a.size()) // at once
	}
	from := 0
	for _, part := range a.parts {
		w.Write(a.text[from:part.at])
		part.value.MarshalGQL(w)
		from = part.at
	}
	w.Write(a.text[from:])
	if a.by != nil {
		a.by.release()
		*a = written{}
	}
}
