package model

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/jsontext"
)

// JSON is a value of JSON, of at most 100 KB as text and 64 levels: the scalar of that name. It is compact, and
// has the fields of its objects sorted by their names, so that JSONs of the same text are the same by ==. The
// numbers in it are as they were given. The zero JSON is null, and is stored as nothing: what may be null is a *JSON.
type JSON struct{ text string } // empty: null

// ParseJSON reads JSON. Of fields of one name in an object the last counts.
func ParseJSON(text string) (JSON, error) { return jsonOf(jsontext.Parse(text)) }

// MustJSON is ParseJSON of a text that is known to be JSON.
func MustJSON(text string) JSON { return must(ParseJSON(text)) }

// NewJSON returns what encoding/json makes of a value.
func NewJSON(value any) (JSON, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return JSON{}, err
	}
	return ParseJSON(string(text))
}

func jsonOf(text string, err error) (JSON, error) {
	switch {
	case err != nil:
		return JSON{}, BadInput("", "it is no JSON that can be kept: "+err.Error())
	case text == "null":
		return JSON{}, nil
	}
	return JSON{text}, nil
}

// String returns the text.
func (j JSON) String() string {
	if j.text == "" {
		return "null"
	}
	return j.text
}

// Decode is json.Unmarshal.
func (j JSON) Decode(into any) error { return json.Unmarshal([]byte(j.String()), into) }

// MarshalJSON returns the text.
func (j JSON) MarshalJSON() ([]byte, error) { return []byte(j.String()), nil }

// UnmarshalJSON is ParseJSON.
func (j *JSON) UnmarshalJSON(text []byte) (err error) {
	*j, err = ParseJSON(string(text))
	return err
}

// MarshalDynamo is how j is stored: as text, so that it comes back as it was. In DynamoDB's own maps and
// numbers, `1.10` would be 1.1, numbers of more than 38 digits would be refused, and names count towards
// the levels that it allows.
func (j JSON) MarshalDynamo() (types.AttributeValue, error) {
	if j.text == "" {
		return nil, nil
	}
	return &types.AttributeValueMemberS{Value: j.text}, nil
}

// UnmarshalDynamo reads a stored j.
func (j *JSON) UnmarshalDynamo(value types.AttributeValue) error {
	text, ok := value.(*types.AttributeValueMemberS)
	if !ok || !json.Valid([]byte(text.Value)) {
		return fmt.Errorf("a JSON is stored as text that is JSON: it is not")
	}
	j.text = text.Value
	return nil
}

// MarshalGQL writes j as it is.
func (j JSON) MarshalGQL(w io.Writer) { io.WriteString(w, j.String()) }

// UnmarshalGQL takes any value, of a variable or of a literal. Code BAD_USER_INPUT: it is too large.
func (j *JSON) UnmarshalGQL(value any) (err error) {
	*j, err = jsonOf(jsontext.Of(value))
	return err
}
