package itembytes

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"
)

type (
	state  string
	number int32

	// A day is kept as text.
	day struct{ text string }
	// An amount says itself what it is kept as.
	amount struct{ text string }

	embedded struct {
		ID   string `dynamo:"id,hash"`
		Name string `dynamo:"name"`
	}
	inner struct {
		A string
		B int `dynamo:"b"`
	}
	everything struct {
		embedded
		Name     string // which the embedded one has
		Text     string `dynamo:"text,allowempty"`
		State    state  `dynamo:"state"`
		States   []state
		Int      int     `dynamo:"int"`
		Number   number  `dynamo:"number"`
		Float    float64 `dynamo:"float"`
		Bool     bool    `dynamo:"bool"`
		Bytes    []byte  `dynamo:"bytes"`
		Texts    []string
		Set      []string       `dynamo:"set,set,omitempty"`
		Day      day            `dynamo:"day"`
		DayPtr   *day           `dynamo:"dayPtr"`
		Amount   amount         `dynamo:"amount"`
		Amounts  []amount       `dynamo:"amounts"`
		TextPtr  *string        `dynamo:"textPtr"`
		FloatPtr *float64       `dynamo:"floatPtr"`
		Inner    inner          `dynamo:"inner"`
		InnerPtr *inner         `dynamo:"innerPtr"`
		Inners   []inner        `dynamo:"inners"`
		Map      map[string]int `dynamo:"map"`
		Uint     uint8          `dynamo:"uint"`
		At       time.Time      `dynamo:"at"`
		Skipped  string         `dynamo:"-"`
		//lint:ignore U1000 what is not exported is not kept, and no matter to a plan
		private string
	}
)

func (d day) MarshalText() ([]byte, error) { return []byte(d.text), nil }
func (d *day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return fmt.Errorf("no day")
	}
	d.text = string(text)
	return nil
}
func (a *amount) UnmarshalDynamo(value types.AttributeValue) error {
	n, isNumber := value.(*types.AttributeValueMemberN)
	if !isNumber {
		return fmt.Errorf("%T is no amount", value)
	}
	a.text = n.Value
	return nil
}

// anyValue returns a value of some kind.
func anyValue(r *rand.Rand, depth int) types.AttributeValue {
	texts := []string{"", "a", "2026-11-30T12:00:00Z", "longer text, which is longer than that"}
	numbers := []string{"0", "7", "-3", "1.5", "1000", "0.001", "-120.50", "99999999999999999999"}
	text := func() string { return texts[r.IntN(len(texts))] }
	number := func() string { return numbers[r.IntN(len(numbers))] }
	switch kind := r.IntN(11); {
	case kind == 0 || kind > 8 && depth > 2:
		return &types.AttributeValueMemberNULL{Value: true}
	case kind == 1:
		return &types.AttributeValueMemberN{Value: number()}
	case kind == 2:
		return &types.AttributeValueMemberBOOL{Value: r.IntN(2) == 0}
	case kind == 3:
		return &types.AttributeValueMemberB{Value: []byte(text())}
	case kind == 4:
		return &types.AttributeValueMemberSS{Value: []string{text(), "b"}}
	case kind == 5:
		return &types.AttributeValueMemberNS{Value: []string{number(), "12"}}
	case kind == 6:
		return &types.AttributeValueMemberBS{Value: [][]byte{[]byte(text()), {1}}}
	case kind == 9:
		list := make([]types.AttributeValue, r.IntN(4))
		for i := range list {
			list[i] = anyValue(r, depth+1)
		}
		return &types.AttributeValueMemberL{Value: list}
	case kind == 10:
		item := Item{}
		for _, name := range []string{"A", "b", "c"} {
			if r.IntN(2) == 0 {
				item[name] = anyValue(r, depth+1)
			}
		}
		return &types.AttributeValueMemberM{Value: item}
	default:
		return &types.AttributeValueMemberS{Value: text()}
	}
}

// TestPlanDecodesAsDynamo has a plan decode what package dynamo decodes: the same, or nothing where that is an
// error.
func TestPlanDecodesAsDynamo(t *testing.T) {
	lacking := Item{"text": &types.AttributeValueMemberS{Value: "none"}, "int": &types.AttributeValueMemberN{Value: "9"}, "stray": &types.AttributeValueMemberNULL{Value: true}}
	plan := NewPlan(reflect.TypeFor[everything](), lacking, reflect.TypeFor[embedded](), "deleting", "tag")
	if plan == nil {
		t.Fatal("there is no plan")
	}
	whole := Item{
		"id": &types.AttributeValueMemberS{Value: "1"}, "name": &types.AttributeValueMemberS{Value: "Ada"}, "Name": &types.AttributeValueMemberS{Value: "Eve"},
		"state": &types.AttributeValueMemberS{Value: "OPEN"}, "States": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "DONE"}}},
		"number": &types.AttributeValueMemberN{Value: "12"}, "float": &types.AttributeValueMemberN{Value: "-1.5"}, "bool": &types.AttributeValueMemberBOOL{Value: true},
		"bytes": &types.AttributeValueMemberB{Value: []byte{1, 2}}, "Texts": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		"set": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "day": &types.AttributeValueMemberS{Value: "monday"}, "dayPtr": &types.AttributeValueMemberNULL{Value: true},
		"amount": &types.AttributeValueMemberN{Value: "3"}, "textPtr": &types.AttributeValueMemberS{Value: "x"}, "floatPtr": &types.AttributeValueMemberN{Value: "2"},
		"at": &types.AttributeValueMemberS{Value: "2026-11-30T12:00:00Z"}, "uint": &types.AttributeValueMemberN{Value: "200"}, "deleting": &types.AttributeValueMemberS{Value: "mark"}, "tag": &types.AttributeValueMemberB{Value: []byte{3}},
	}
	names := []string{"private", "Skipped", "Set", "amounts", "inner", "innerPtr", "inners", "map", "text", "int"}
	for name := range whole {
		names = append(names, name)
	}
	planned := 0
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 1))
		item := Item{}
		for name, value := range whole {
			if r.IntN(20) > 0 {
				item[name] = value
			}
		}
		for range r.IntN(3) {
			item[names[r.IntN(len(names))]] = anyValue(r, 0)
		}
		bytes := string(Append(nil, item))
		var got everything
		told := taken{&got.embedded, map[string]Scalar{}}
		isPlanned := plan.Decode(bytes, reflect.ValueOf(&got).Elem(), told)

		filled, err := Decode(bytes)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range lacking {
			if filled[name] == nil {
				filled[name] = value
			}
		}
		var want everything
		err = dynamo.UnmarshalItem(filled, &want)
		if err != nil {
			if isPlanned {
				t.Fatalf("%v: the plan decoded %+v; want the error %v", item, got, err)
			}
			continue
		}
		if !isPlanned {
			continue
		}
		planned++
		if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Fatalf("%v: %s", item, diff)
		}
		for _, name := range []string{"id", "name", "deleting", "tag"} {
			value, isTold := told.values[name]
			if fmt.Sprint(asAttribute(value)) != fmt.Sprint(item[name]) && (isTold || !isNull(item[name])) {
				t.Fatalf("%v: the plan told of %v", item, told)
			}
			delete(told.values, name)
		}
		if len(told.values) > 0 {
			t.Fatalf("%v: the plan told of %v as well", item, told)
		}
	}
	if planned < 5_000 {
		t.Errorf("the plan decoded %d items of 20,000", planned)
	}
}

// taken is what a plan has told of, which is in an embedded in part.
type taken struct {
	into   *embedded
	values map[string]Scalar
}

func (t taken) TakeAttribute(name string, value Scalar) bool {
	t.values[name] = value
	switch text, isText := value.Text(); name {
	case "id":
		t.into.ID = text
		return isText
	case "name":
		t.into.Name = text
		return isText
	}
	return true
}

// asAttribute returns the attribute's value that a Scalar is; nil: none.
func asAttribute(s Scalar) types.AttributeValue {
	if text, isText := s.Text(); isText {
		return &types.AttributeValueMemberS{Value: text}
	}
	if number, isNumber := s.Number(); isNumber {
		return &types.AttributeValueMemberN{Value: number}
	}
	if bytes, isBytes := s.Bytes(); isBytes {
		return &types.AttributeValueMemberB{Value: []byte(bytes)}
	}
	return nil
}

func isNull(value types.AttributeValue) bool {
	_, isNull := value.(*types.AttributeValueMemberNULL)
	return isNull || value == nil
}

// TestNoPlan is of types that only package dynamo can decode.
func TestNoPlan(t *testing.T) {
	type linked struct{ *embedded }
	type seconds struct {
		At time.Time `dynamo:",unixtime"`
	}
	for _, of := range []reflect.Type{reflect.TypeFor[linked](), reflect.TypeFor[seconds](), reflect.TypeFor[string](), reflect.TypeFor[itself]()} {
		if NewPlan(of, nil, nil) != nil {
			t.Errorf("there is a plan of %v", of)
		}
	}
}

// itself decodes itself.
type itself struct{}

func (*itself) UnmarshalDynamoItem(dynamo.Item) error { return nil }

// TestCacheKeepsWhatIsUsed has one item asked for while many others come.
func TestCacheKeepsWhatIsUsed(t *testing.T) {
	c := Cache[int]{Limit: 100 * 1024}
	used := 1
	c.Put("used", &used)
	for i := range 10_000 {
		c.Put(fmt.Sprint(i), &i)
		if c.Get("used") == nil {
			t.Fatalf("after %d others it is gone", i+1)
		}
	}
	if n := len(c.young) + len(c.old); n*besideItem > c.Limit {
		t.Errorf("%d are kept", n)
	}
	if value := c.Get("9999"); value == nil || *value != 9999 || c.Get("1") != nil {
		t.Errorf("of the last %v, and the first %v", value, c.Get("1"))
	}
}
