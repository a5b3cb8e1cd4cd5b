package dynamowire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An answer is one of DynamoDB's, which is JSON. It is read from its beginning to its end, once, and what is read are parts of
// its text. From the first that is not what it should be, err is set, and nothing is read any more.
type answer struct {
	text string
	at   int
	err  error
}

// errAnswer: an answer has what is not known here.
var errAnswer = errors.New("the answer is not understood")

func (a *answer) fail() { a.err = errAnswer }

func (a *answer) getItem() *dynamodb.GetItemOutput {
	out := new(dynamodb.GetItemOutput)
	a.object(func(name string) {
		switch name {
		case "Item":
			out.Item = a.item()
		case "ConsumedCapacity":
			out.ConsumedCapacity = a.capacity()
		default:
			a.fail()
		}
	})
	return out
}

func (a *answer) batchGetItem() *dynamodb.BatchGetItemOutput {
	out := new(dynamodb.BatchGetItemOutput)
	a.object(func(name string) {
		switch name {
		case "Responses":
			out.Responses = map[string][]map[string]types.AttributeValue{}
			a.object(func(table string) { out.Responses[table] = a.items() })
		case "UnprocessedKeys":
			out.UnprocessedKeys = map[string]types.KeysAndAttributes{}
			a.object(func(table string) { out.UnprocessedKeys[table] = a.keys() })
		case "ConsumedCapacity":
			out.ConsumedCapacity = []types.ConsumedCapacity{}
			a.array(func() {
				if of := a.capacity(); of != nil {
					out.ConsumedCapacity = append(out.ConsumedCapacity, *of)
				}
			})
		default:
			a.fail()
		}
	})
	return out
}

func (a *answer) query() *dynamodb.QueryOutput {
	out := new(dynamodb.QueryOutput)
	a.object(func(name string) {
		switch name {
		case "Items":
			out.Items = a.items()
		case "LastEvaluatedKey":
			out.LastEvaluatedKey = a.item()
		case "Count":
			out.Count = a.count()
		case "ScannedCount":
			out.ScannedCount = a.count()
		case "ConsumedCapacity":
			out.ConsumedCapacity = a.capacity()
		default:
			a.fail()
		}
	})
	return out
}

// capacity reads what an operation on a table has consumed, in all: more is not asked for here.
func (a *answer) capacity() *types.ConsumedCapacity {
	of := new(types.ConsumedCapacity)
	a.object(func(name string) {
		switch name {
		case "TableName":
			of.TableName = new(a.string())
		case "CapacityUnits":
			of.CapacityUnits = new(a.float())
		case "ReadCapacityUnits":
			of.ReadCapacityUnits = new(a.float())
		case "WriteCapacityUnits":
			of.WriteCapacityUnits = new(a.float())
		default:
			a.fail()
		}
	})
	return of
}

// keys reads what is left to be asked for of a table.
func (a *answer) keys() (of types.KeysAndAttributes) {
	a.object(func(name string) {
		switch name {
		case "Keys":
			of.Keys = a.items()
		case "ConsistentRead":
			of.ConsistentRead = new(a.bool())
		case "ProjectionExpression":
			of.ProjectionExpression = new(a.string())
		case "ExpressionAttributeNames":
			of.ExpressionAttributeNames = map[string]string{}
			a.object(func(placeholder string) { of.ExpressionAttributeNames[placeholder] = a.string() })
		default:
			a.fail()
		}
	})
	return of
}

func (a *answer) items() []map[string]types.AttributeValue {
	items := []map[string]types.AttributeValue{}
	a.array(func() { items = append(items, a.ownItem()) })
	return items
}

// ownItem reads an item of a text of its own: of many, a few may be kept for longer than the others.
func (a *answer) ownItem() map[string]types.AttributeValue {
	begun := a.at
	a.skipObject()
	if a.err != nil {
		return nil
	}
	own := &answer{text: strings.Clone(a.text[begun:a.at])}
	item := own.item()
	if own.isEnded(); own.err != nil {
		a.fail()
	}
	return item
}

// skipObject goes beyond an object, of which it looks at the braces outside of strings.
func (a *answer) skipObject() {
	depth, isInString := 0, false
	for ; a.at < len(a.text); a.at++ {
		switch c := a.text[a.at]; {
		case isInString && c == '\\':
			a.at++
		case c == '"':
			isInString = !isInString
		case isInString:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth <= 0 {
				a.at++
				return
			}
		}
	}
	a.fail()
}

func (a *answer) item() map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{}
	a.object(func(name string) { item[name] = a.value() })
	return item
}

// value reads a value with its type.
func (a *answer) value() (value types.AttributeValue) {
	a.object(func(name string) {
		if value != nil {
			a.fail()
			return
		}
		switch name {
		case "S":
			value = &types.AttributeValueMemberS{Value: a.string()}
		case "N":
			value = &types.AttributeValueMemberN{Value: a.string()}
		case "B":
			value = &types.AttributeValueMemberB{Value: a.bytes()}
		case "BOOL":
			value = &types.AttributeValueMemberBOOL{Value: a.bool()}
		case "NULL":
			value = &types.AttributeValueMemberNULL{Value: a.bool()}
		case "M":
			value = &types.AttributeValueMemberM{Value: a.item()}
		case "L":
			list := []types.AttributeValue{}
			a.array(func() { list = append(list, a.value()) })
			value = &types.AttributeValueMemberL{Value: list}
		case "SS":
			value = &types.AttributeValueMemberSS{Value: a.strings()}
		case "NS":
			value = &types.AttributeValueMemberNS{Value: a.strings()}
		case "BS":
			set := [][]byte{}
			a.array(func() { set = append(set, a.bytes()) })
			value = &types.AttributeValueMemberBS{Value: set}
		default:
			a.fail()
		}
	})
	if value == nil {
		a.fail()
	}
	return value
}

func (a *answer) strings() []string {
	set := []string{}
	a.array(func() { set = append(set, a.string()) })
	return set
}

func (a *answer) bytes() []byte {
	decoded, err := base64.StdEncoding.DecodeString(a.string())
	if err != nil {
		a.fail()
	}
	return decoded
}

func (a *answer) bool() bool {
	switch rest := a.rest(); {
	case strings.HasPrefix(rest, "true"):
		a.at += len("true")
		return true
	case strings.HasPrefix(rest, "false"):
		a.at += len("false")
		return false
	}
	a.fail()
	return false
}

func (a *answer) count() int32 { return int32(a.float()) }

func (a *answer) float() float64 {
	rest := a.rest()
	end := 0
	for end < len(rest) && strings.IndexByte("+-.0123456789eE", rest[end]) >= 0 {
		end++
	}
	number, err := strconv.ParseFloat(rest[:end], 64)
	if err != nil {
		a.fail()
	}
	a.at += end
	return number
}

// rest returns what is left, without the space before it.
func (a *answer) rest() string {
	for a.at < len(a.text) && strings.IndexByte(" \t\r\n", a.text[a.at]) >= 0 {
		a.at++
	}
	return a.text[a.at:]
}

// take goes beyond a character, if it comes next.
func (a *answer) take(c byte) bool {
	rest := a.rest()
	if a.err != nil || rest == "" || rest[0] != c {
		return false
	}
	a.at++
	return true
}

// want is take of what must come next.
func (a *answer) want(c byte) {
	if !a.take(c) {
		a.fail()
	}
}

// object reads an object, whose members' values member reads.
func (a *answer) object(member func(name string)) {
	a.want('{')
	if a.take('}') {
		return
	}
	for a.err == nil {
		name := a.string()
		a.want(':')
		if a.err == nil {
			member(name)
		}
		if !a.take(',') {
			a.want('}')
			return
		}
	}
}

// array reads an array, whose elements element reads.
func (a *answer) array(element func()) {
	a.want('[')
	if a.take(']') {
		return
	}
	for a.err == nil {
		element()
		if !a.take(',') {
			a.want(']')
			return
		}
	}
}

// string reads a string.
func (a *answer) string() string {
	a.want('"')
	if a.err != nil {
		return ""
	}
	rest := a.text[a.at:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		a.fail()
		return ""
	}
	if strings.IndexByte(rest[:end], '\\') < 0 {
		a.at += end + 1
		return rest[:end]
	}
	return a.escaped()
}

// escaped reads the rest of a string that has escapes.
func (a *answer) escaped() (text string) {
	begun := a.at - 1
	for ; a.at < len(a.text) && a.text[a.at] != '"'; a.at++ {
		if a.text[a.at] == '\\' {
			a.at++
		}
	}
	if a.at >= len(a.text) || json.Unmarshal([]byte(a.text[begun:a.at+1]), &text) != nil {
		a.fail()
		return ""
	}
	a.at++
	return text
}

// isEnded wants the answer to be at its end.
func (a *answer) isEnded() {
	if a.rest() != "" {
		a.fail()
	}
}
