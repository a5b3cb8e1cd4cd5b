package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// How much JSON a client may send in one text: each value of it, be it only `{}`, becomes one in
// memory, of some hundred bytes.
const (
	maxJSONValues   = 50_000
	maxJSONDepth    = 200
	memoryOfValue   = 128 // bytes: a map of one member has 330, and two values
	weighedJSONFrom = 512 // bytes: less has no room for many
)

// HoldJSON holds what a text of JSON will need once it is decoded. Errors: BAD_USER_INPUT: it has too
// many values, or is nested too deep; those of [Hold.Take].
func HoldJSON(ctx context.Context, text []byte) error {
	if len(text) < weighedJSONFrom {
		return nil
	}
	values, depth := measureJSON(text)
	if values > maxJSONValues {
		return BadRequest(http.StatusRequestEntityTooLarge, fmt.Sprintf("the JSON must not have more than %d values", maxJSONValues))
	}
	if depth > maxJSONDepth {
		return BadRequest(http.StatusBadRequest, fmt.Sprintf("the JSON must not be nested deeper than %d levels", maxJSONDepth))
	}
	return HoldFrom(ctx).Take(ctx, values*memoryOfValue)
}

// measureJSON returns about how many values, names included, a text has if it is JSON, and how deep
// they are nested. It looks at what separates them, outside of strings.
func measureJSON(text []byte) (values, depth int) {
	isInString, open := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case isInString && c == '\\':
			i++
		case c == '"':
			isInString = !isInString
		case isInString:
		case c == '{' || c == '[':
			values++
			open++
			depth = max(depth, open)
		case c == '}' || c == ']':
			open--
		case c == ',' || c == ':':
			values++
		}
	}
	return values, depth
}

// holdingReader holds what is read, twice: a buffer that grows has twice the room at times.
type holdingReader struct {
	ctx  context.Context
	body io.Reader
}

func (r holdingReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if held := HoldFrom(r.ctx).Take(r.ctx, 2*n); held != nil {
		return 0, held
	}
	return n, err
}
