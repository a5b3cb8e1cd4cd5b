package store

import (
	"io"
	"regexp"
	"strconv"

	"github.com/ownql/ownql/model"
)

// Color is the scalar of that name. Being text to Go, it is stored as text.
type Color string

var color = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// MarshalGQL writes the colour into an answer.
func (c Color) MarshalGQL(w io.Writer) { io.WriteString(w, strconv.Quote(string(c))) }

// UnmarshalGQL takes the colour of a request, from a literal or a variable.
func (c *Color) UnmarshalGQL(value any) error {
	text, ok := value.(string)
	if !ok || !color.MatchString(text) {
		return model.BadInput("", "a Color is # and six digits, such as #ff8800")
	}
	*c = Color(text)
	return nil
}
