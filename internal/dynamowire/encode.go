package dynamowire

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What follows appends the JSON of requests, and tells whether it has all of them: what this project never asks for, it does not
// know.

func appendGetItem(b []byte, in *dynamodb.GetItemInput) ([]byte, bool) {
	if in.AttributesToGet != nil {
		return nil, false
	}
	o := object{b: append(b, '{'), isWhole: true}
	o.text("TableName", in.TableName)
	o.item("Key", in.Key)
	o.flag("ConsistentRead", in.ConsistentRead)
	o.text("ProjectionExpression", in.ProjectionExpression)
	o.names("ExpressionAttributeNames", in.ExpressionAttributeNames)
	o.capacity(in.ReturnConsumedCapacity)
	return o.end()
}

func appendBatchGetItem(b []byte, in *dynamodb.BatchGetItemInput) ([]byte, bool) {
	o := object{b: append(b, '{'), isWhole: true}
	o.name("RequestItems")
	members(&o, in.RequestItems, func(of types.KeysAndAttributes) {
		o.isWhole = o.isWhole && of.AttributesToGet == nil
		o.b, o.hasMember = append(o.b, '{'), false
		o.name("Keys")
		elements(&o, of.Keys, o.value)
		o.flag("ConsistentRead", of.ConsistentRead)
		o.text("ProjectionExpression", of.ProjectionExpression)
		o.names("ExpressionAttributeNames", of.ExpressionAttributeNames)
		o.b = append(o.b, '}')
	})
	o.hasMember = true
	o.capacity(in.ReturnConsumedCapacity)
	return o.end()
}

func appendQuery(b []byte, in *dynamodb.QueryInput) ([]byte, bool) {
	if in.AttributesToGet != nil || in.ConditionalOperator != "" || in.QueryFilter != nil {
		return nil, false
	}
	o := object{b: append(b, '{'), isWhole: true}
	o.text("TableName", in.TableName)
	o.text("IndexName", in.IndexName)
	o.flag("ConsistentRead", in.ConsistentRead)
	o.flag("ScanIndexForward", in.ScanIndexForward)
	if in.ExclusiveStartKey != nil {
		o.item("ExclusiveStartKey", in.ExclusiveStartKey)
	}
	if in.ExpressionAttributeValues != nil {
		o.item("ExpressionAttributeValues", in.ExpressionAttributeValues)
	}
	o.names("ExpressionAttributeNames", in.ExpressionAttributeNames)
	o.text("FilterExpression", in.FilterExpression)
	o.text("KeyConditionExpression", in.KeyConditionExpression)
	o.text("ProjectionExpression", in.ProjectionExpression)
	o.conditions(in.KeyConditions)
	if in.Limit != nil {
		o.name("Limit")
		o.b = strconv.AppendInt(o.b, int64(*in.Limit), 10)
	}
	if in.Select != "" {
		o.name("Select")
		o.b = appendText(o.b, string(in.Select))
	}
	o.capacity(in.ReturnConsumedCapacity)
	return o.end()
}

// An object is one of JSON, as it is written.
type object struct {
	b         []byte
	hasMember bool
	isWhole   bool // everything in it is known here
}

func (o *object) end() ([]byte, bool) { return append(o.b, '}'), o.isWhole }

// name begins a member; name has nothing to be escaped.
func (o *object) name(name string) {
	if o.hasMember {
		o.b = append(o.b, ',')
	}
	o.hasMember = true
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

func (o *object) text(name string, text *string) {
	if text != nil {
		o.name(name)
		o.b = appendText(o.b, *text)
	}
}

func (o *object) flag(name string, is *bool) {
	if is != nil {
		o.name(name)
		o.b = strconv.AppendBool(o.b, *is)
	}
}

func (o *object) capacity(wanted types.ReturnConsumedCapacity) {
	if wanted != "" {
		o.name("ReturnConsumedCapacity")
		o.b = appendText(o.b, string(wanted))
	}
}

func (o *object) names(name string, names map[string]string) {
	if names != nil {
		o.name(name)
		members(o, names, o.string)
	}
}

func (o *object) conditions(conditions map[string]types.Condition) {
	if conditions == nil {
		return
	}
	o.name("KeyConditions")
	members(o, conditions, func(condition types.Condition) {
		o.b = append(o.b, `{"AttributeValueList":`...)
		elements(o, condition.AttributeValueList, o.attribute)
		o.b = append(o.b, `,"ComparisonOperator":`...)
		o.b = append(appendText(o.b, string(condition.ComparisonOperator)), '}')
	})
}

func (o *object) item(name string, item map[string]types.AttributeValue) {
	o.name(name)
	o.value(item)
}

// value appends an item.
func (o *object) value(item map[string]types.AttributeValue) { members(o, item, o.attribute) }

func (o *object) string(text string) { o.b = appendText(o.b, text) }

// members appends an object inside, whose values value appends.
func members[V any](o *object, of map[string]V, value func(V)) {
	o.b = append(o.b, '{')
	isFirst := true
	for name, v := range of {
		if !isFirst {
			o.b = append(o.b, ',')
		}
		isFirst = false
		o.b = append(appendText(o.b, name), ':')
		value(v)
	}
	o.b = append(o.b, '}')
}

// elements appends an array, whose elements element appends.
func elements[V any](o *object, of []V, element func(V)) {
	o.b = append(o.b, '[')
	for i, v := range of {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		element(v)
	}
	o.b = append(o.b, ']')
}

func (o *object) attribute(value types.AttributeValue) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		o.b = appendText(append(o.b, `{"S":`...), value.Value)
	case *types.AttributeValueMemberN:
		o.b = appendText(append(o.b, `{"N":`...), value.Value)
	case *types.AttributeValueMemberB:
		o.b = append(base64.StdEncoding.AppendEncode(append(o.b, `{"B":"`...), value.Value), '"')
	case *types.AttributeValueMemberBOOL:
		o.b = strconv.AppendBool(append(o.b, `{"BOOL":`...), value.Value)
	case *types.AttributeValueMemberNULL:
		o.b = strconv.AppendBool(append(o.b, `{"NULL":`...), value.Value)
	case *types.AttributeValueMemberM:
		o.b = append(o.b, `{"M":`...)
		o.value(value.Value)
	case *types.AttributeValueMemberL:
		o.b = append(o.b, `{"L":`...)
		elements(o, value.Value, o.attribute)
	case *types.AttributeValueMemberSS:
		o.b = append(o.b, `{"SS":`...)
		elements(o, value.Value, o.string)
	case *types.AttributeValueMemberNS:
		o.b = append(o.b, `{"NS":`...)
		elements(o, value.Value, o.string)
	default:
		o.isWhole = false
		return
	}
	o.b = append(o.b, '}')
}

// appendText appends a JSON string.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(text)
			if err != nil {
				panic(err) // a string has JSON
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}
