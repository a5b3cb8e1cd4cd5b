package model

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ownql/ownql/internal/testclient"
)

func TestScalarsOfGraphQL(t *testing.T) {
	type scalar interface {
		UnmarshalGQL(any) error
		MarshalGQL(io.Writer)
	}
	day, number, document := func() scalar { return new(Date) }, func() scalar { return new(Decimal) }, func() scalar { return new(JSON) }
	for _, test := range []struct {
		name  string
		of    func() scalar
		value any
		want  string // empty: refused
	}{
		{"a day", day, "2026-11-28", `"2026-11-28"`},
		{"the first day", day, "0001-01-01", `"0001-01-01"`},
		{"the last day", day, "9999-12-31", `"9999-12-31"`},
		{"no day", day, "2026-02-30", ""},
		{"a day with a time", day, "2026-11-28T00:00:00Z", ""},
		{"a day that is a number", day, json.Number("20261128"), ""},
		{"a day that is null", day, nil, ""},
		{"a number as text", number, "12.50", `"12.5"`},
		{"a number with more digits than a float64", number, json.Number("-0.1234567890123456789012345678901234567"), `"-0.1234567890123456789012345678901234567"`},
		{"an exponent", number, "1e3", `"1000"`},
		{"Go's int", number, -7, `"-7"`},
		{"gqlparser's int", number, int64(7), `"7"`},
		{"a float64, which has lost digits", number, 0.5, ""},
		{"39 digits", number, strings.Repeat("9", 39), ""},
		{"a blank", number, "1 ", ""},
		{"no text for a number", number, "", ""},
		{"a number that is null", number, nil, ""},
		{"a number that is true", number, true, ""},
		{"an object", document, map[string]any{"b": []any{json.Number("1.10"), nil}, "a": "x"}, `{"a":"x","b":[1.10,null]}`},
		{"text", document, `{"a":1}`, `"{\"a\":1}"`},
		{"a document too large", document, strings.Repeat("x", 101<<10), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.of()
			err := got.UnmarshalGQL(test.value)
			if test.want == "" {
				wantBadInput(t, "it", err, "")
				return
			}
			var out strings.Builder
			if got.MarshalGQL(&out); err != nil || out.String() != test.want {
				t.Errorf("it is %s, %v; want %s", out.String(), err, test.want)
			}
		})
	}
}

func TestDate(t *testing.T) {
	tokyo := time.FixedZone("", 9*3600)
	for name, test := range map[string]struct{ got, want any }{
		"the day where it is":      {DateOf(time.Date(2026, 11, 28, 1, 0, 0, 0, tokyo)), MustDate("2026-11-28")},
		"the zero day":             {Date{}.String(), "0001-01-01"},
		"its midnight":             {MustDate("2024-02-29").Time(), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		"a day before the zero":    {DateOf(time.Date(0, 12, 31, 23, 0, 0, 0, time.UTC)).Time(), time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)},
		"the last day":             {DateOf(MustDate("9999-12-31").Time().Add(24*time.Hour - 1)).String(), "9999-12-31"},
		"a day of the year 1500":   {MustDate("1500-02-28").Time().AddDate(0, 0, 1).Day(), 1},
		"days of one text are one": {MustDate("2026-11-28") == DateOf(time.Date(2026, 11, 28, 23, 59, 59, 0, tokyo)), true},
	} {
		if test.got != test.want {
			t.Errorf("%s is %v, want %v", name, test.got, test.want)
		}
	}
	if _, err := DateOf(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)).MarshalText(); err == nil {
		t.Error("a day of the year 10000 is stored")
	}
}

func TestDecimal(t *testing.T) {
	third := big.NewRat(1, 3)
	for name, test := range map[string]struct{ got, want any }{
		"the zero Decimal":         {Decimal{}.String(), "0"},
		"the other zero":           {MustDecimal("-0.0") == Decimal{}, true},
		"the same value":           {MustDecimal("1.50") == MustDecimal("15e-1"), true},
		"another value":            {MustDecimal("0.1234567890123456789") == MustDecimal("0.1234567890123456788"), false},
		"what is less":             {MustDecimal("-2").Cmp(MustDecimal("1e-130")), -1},
		"a sum":                    {must(DecimalOf(new(big.Rat).Add(MustDecimal("0.1").Rat(), MustDecimal("0.2").Rat()))), MustDecimal("0.3")},
		"a number of base 2":       {must(DecimalOf(big.NewRat(1, 8))), MustDecimal("0.125")},
		"the sign of what is less": {MustDecimal("-1e-130").Sign(), -1},
	} {
		if test.got != test.want {
			t.Errorf("%s is %v, want %v", name, test.got, test.want)
		}
	}
	for name, number := range map[string]*big.Rat{
		"a third":            third,
		"39 digits":          new(big.Rat).Add(MustDecimal("1e38").Rat(), big.NewRat(1, 1)),
		"beyond the numbers": new(big.Rat).Mul(MustDecimal("1e100").Rat(), MustDecimal("1e100").Rat()),
	} {
		if got, err := DecimalOf(number); err == nil {
			t.Errorf("%s is %v", name, got)
		}
	}
}

func TestJSON(t *testing.T) {
	type point struct{ X, Y int }
	var back point
	if err := must(NewJSON(point{1, 2})).Decode(&back); err != nil || back != (point{1, 2}) {
		t.Errorf("it comes back as %v, %v", back, err)
	}
	if a, b := MustJSON(` {"b": 1, "a": 2} `), MustJSON(`{"a":2,"b":1}`); a != b {
		t.Errorf("%v is not %v", a, b)
	}
	if (JSON{}) != MustJSON("null") || (JSON{}).String() != "null" {
		t.Errorf("the zero JSON is %v", JSON{})
	}
	if text, err := json.Marshal(map[string]any{"in": MustJSON(`[1.10]`)}); err != nil || string(text) != `{"in":[1.10]}` {
		t.Errorf("within a value it is %s, %v", text, err)
	}
}

// A payment has fields of the scalars, some of which it may lack.
type payment struct {
	Object
	Day    Date      `dynamo:"day"`
	Due    *Date     `dynamo:"due"`
	Days   []Date    `dynamo:"days"`
	Amount Decimal   `dynamo:"amount"`
	Fee    *Decimal  `dynamo:"fee"`
	Parts  []Decimal `dynamo:"parts"`
	Note   JSON      `dynamo:"note"`
	More   *JSON     `dynamo:"more"`
	Lines  *[]JSON   `dynamo:"lines"`
}

func (*payment) IsNode()            {}
func (p *payment) GlobalID() string { return GlobalID("Payment", p.ID) }

var (
	paymentsByAmount = Index{Hash: "amount", Sort: "day"}
	paymentsByDay    = Index{Hash: "day", Sort: "amount"}
	byFee            = Joined{Name: "AMOUNT_DESC_DUE", Hash: []string{"fee"}, Sort: []SortPart{{Attribute: "amount", Decimal: true, Descending: true}, {Attribute: "due"}}}
	byDue            = Joined{Hash: []string{"ownerId", "due"}, Sort: []SortPart{{Attribute: "fee", Decimal: true}}}
)

func newPayments(t *testing.T) *Model[payment] {
	t.Helper()
	m := New[payment](Open(testclient.Open(t, NewDynamoDB), "test-"+uuid.NewString()+"-", Alone()), "Payment", "payments")
	Define(m, Definition[payment]{
		Indexes: []Index{paymentsByAmount, paymentsByDay},
		Joined:  []Joined{byFee, byDue},
		Fields: []Field{
			{Name: "day", Type: DateField}, {Name: "due", Type: DateField, Nullable: true}, {Name: "days", Type: DateField, List: true},
			{Name: "amount", Type: DecimalField}, {Name: "fee", Type: DecimalField, Nullable: true}, {Name: "parts", Type: DecimalField, List: true},
			{Name: "note", Type: JSONField}, {Name: "more", Type: JSONField, Nullable: true},
		},
		Validate: func(p *payment) []*Error {
			return []*Error{GtDecimal("amount", p.Amount, MustDecimal("-1e38")), LteDecimal("fee", p.Fee, MustDecimal("0.30000000000000000001"))}
		},
		Rules: []Rule{Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner)},
	})
	if _, err := m.core.db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, layout := range m.core.db.layouts() {
			if err := layout.DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return m
}

// Values of which several are the same as float64s.
var (
	someDates    = []Date{{}, MustDate("1999-12-31"), MustDate("2026-02-03"), MustDate("2026-11-28"), MustDate("9999-12-31")}
	someDecimals = []Decimal{
		{}, MustDecimal("0.1"), MustDecimal("0.10000000000000000000000000000000000001"), MustDecimal("0.10000000000000000000000000000000000002"),
		MustDecimal("-0.10000000000000000000000000000000000001"), MustDecimal("9007199254740993"), MustDecimal("9007199254740992"),
		MustDecimal("-1e-130"), MustDecimal("1e-130"), MustDecimal("9.9999999999999999999999999999999999999e125"), MustDecimal("100"), MustDecimal("12"), MustDecimal("12.5"),
	}
	someFees = []Decimal{{}, MustDecimal("0.1"), MustDecimal("0.10000000000000000000000000000000000001"), MustDecimal("-7")}
)

func randomPayment(r *rand.Rand) payment {
	p := payment{
		Day: pick(r, someDates...), Due: maybe(r, pick(r, someDates...)), Amount: pick(r, someDecimals...), Fee: maybe(r, pick(r, someFees...)),
		Days: []Date{pick(r, someDates...)}, Parts: []Decimal{pick(r, someDecimals...), pick(r, someDecimals...)},
		Note: MustJSON(`{"a":[1.10,null,123456789012345678901234567890123456789012]}`), More: maybe(r, MustJSON(`"x"`)),
	}
	if r.IntN(2) == 0 {
		p.Lines = &[]JSON{MustJSON("1"), MustJSON("{}")}
	}
	return p
}

func comparePayments(a, b Decimal) int { return b.Cmp(a) }

func compareDates(a, b Date) int { return cmp.Compare(a.days, b.days) }

// TestScalarsInLists stores scalars, reads them back, and holds lists by them, and filters, to a plain
// evaluation.
func TestScalarsInLists(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	m, ctx := newPayments(t), t.Context()
	var all []*payment
	for range 80 {
		given := randomPayment(r)
		p := made[payment](t)(m.Create(ctx, ada, as(given)))
		found, err := m.Get(ctx, ada, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		given.Object = found.Object
		if got, want := fmt.Sprintf("%+v", jsonText(t, found)), fmt.Sprintf("%+v", jsonText(t, &given)); got != want {
			t.Fatalf("it comes back as %s, and was %s", got, want)
		}
		all = append(all, found)
	}
	ids := func(list []*payment, compare func(a, b *payment) int, holds func(*payment) bool) (ids []string) {
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b *payment) int { return cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID)) })
		for _, p := range list {
			if holds(p) {
				ids = append(ids, p.ID)
			}
		}
		return ids
	}
	list := func(index Index, hash any, page Page) (ids []string) {
		t.Helper()
		for _, edge := range everyEdge(t, m, ada, index, hash, page) {
			ids = append(ids, edge.Node.ID)
		}
		return ids
	}
	byID := func(a, b *payment) int { return 0 }
	t.Run("by a Decimal, in the order of days", func(t *testing.T) {
		for _, amount := range someDecimals {
			got := list(paymentsByAmount, amount, Page{First: new(7)})
			want := ids(all, func(a, b *payment) int { return compareDates(a.Day, b.Day) }, func(p *payment) bool { return p.Amount == amount })
			days := func(ids []string) (days []string) {
				for _, id := range ids {
					at := slices.IndexFunc(all, func(p *payment) bool { return p.ID == id })
					days = append(days, all[at].Day.String())
				}
				return days
			}
			if !slices.Equal(days(got), days(want)) || !slices.Equal(sorted(got), sorted(want)) {
				t.Errorf("of %v: %q, want %q", amount, days(got), days(want))
			}
		}
	})
	t.Run("by a day, in the order of Decimals", func(t *testing.T) {
		for _, day := range someDates {
			got := everyEdge(t, m, ada, paymentsByDay, day, Page{First: new(5)})
			if !slices.IsSortedFunc(got, func(a, b *Edge[payment]) int { return a.Node.Amount.Cmp(b.Node.Amount) }) {
				t.Errorf("of %v: not in order", day)
			}
			want := ids(all, byID, func(p *payment) bool { return p.Day == day })
			if len(got) != len(want) {
				t.Errorf("of %v: %d, want %d", day, len(got), len(want))
			}
		}
	})
	t.Run("by joined keys", func(t *testing.T) {
		for _, fee := range []*Decimal{nil, &someFees[0], &someFees[1], &someFees[2], &someFees[3]} {
			got := list(byFee.Index(), JoinedKey(fee), Page{First: new(4)})
			want := ids(all, func(a, b *payment) int {
				return cmp.Or(comparePayments(a.Amount, b.Amount), byPointer(a.Due, b.Due, compareDates))
			}, func(p *payment) bool { return (p.Fee == nil) == (fee == nil) && (fee == nil || *p.Fee == *fee) })
			if !slices.Equal(got, want) {
				t.Errorf("of %v: %q, want %q", fee, got, want)
			}
			for op, holds := range map[string]func(order int) bool{
				"lt": func(o int) bool { return o < 0 }, "le": func(o int) bool { return o <= 0 },
				"gt": func(o int) bool { return o > 0 }, "ge": func(o int) bool { return o >= 0 }, "eq": func(o int) bool { return o == 0 },
			} {
				limit := pick(r, someDecimals...)
				page := Page{First: new(4), Filter: NewFilter(map[string]any{"amount": map[string]any{op: limit.String()}})}
				got := list(byFee.Index(), JoinedKey(fee), page)
				want := slices.DeleteFunc(slices.Clone(want), func(id string) bool {
					at := slices.IndexFunc(all, func(p *payment) bool { return p.ID == id })
					return !holds(all[at].Amount.Cmp(limit))
				})
				if !slices.Equal(got, want) {
					t.Errorf("of %v, amount %s %v: %q, want %q", fee, op, limit, got, want)
				}
			}
		}
	})
	t.Run("by an index that a filter binds", func(t *testing.T) {
		for _, due := range someDates {
			got := list(ByOwner, ada.ID, Page{First: new(50), Filter: NewFilter(map[string]any{"due": map[string]any{"eq": due.String()}})})
			want := ids(all, byID, func(p *payment) bool { return p.Due != nil && *p.Due == due })
			if !slices.Equal(got, want) {
				t.Errorf("due %v: %q, want %q", due, got, want)
			}
		}
	})
	t.Run("filtered", func(t *testing.T) {
		a, b, c := pick(r, someDecimals...), pick(r, someDecimals...), pick(r, someDecimals...)
		day, other := pick(r, someDates...), pick(r, someDates...)
		for _, test := range []struct {
			field, op string
			value     any
			holds     func(*payment) bool
		}{
			{"amount", "eq", a.String(), func(p *payment) bool { return p.Amount == a }},
			{"amount", "ne", a, func(p *payment) bool { return p.Amount != a }},
			{"amount", "in", []any{a, json.Number(b.String()), c.String()}, func(p *payment) bool { return p.Amount == a || p.Amount == b || p.Amount == c }},
			{"amount", "lt", a, func(p *payment) bool { return p.Amount.Cmp(a) < 0 }},
			{"amount", "ge", a, func(p *payment) bool { return p.Amount.Cmp(a) >= 0 }},
			{"amount", "between", []any{a, b}, func(p *payment) bool { return p.Amount.Cmp(a) >= 0 && p.Amount.Cmp(b) <= 0 }},
			{"fee", "gt", int64(0), func(p *payment) bool { return p.Fee != nil && p.Fee.Sign() > 0 }},
			{"fee", "exists", false, func(p *payment) bool { return p.Fee == nil }},
			{"parts", "contains", a, func(p *payment) bool { return slices.Contains(p.Parts, a) }},
			{"day", "eq", day, func(p *payment) bool { return p.Day == day }},
			{"day", "le", day.String(), func(p *payment) bool { return compareDates(p.Day, day) <= 0 }},
			{"day", "in", []any{day.String(), other}, func(p *payment) bool { return p.Day == day || p.Day == other }},
			{"due", "gt", day, func(p *payment) bool { return p.Due != nil && compareDates(*p.Due, day) > 0 }},
			{"due", "eq", nil, func(p *payment) bool { return p.Due == nil }},
			{"days", "contains", day.String(), func(p *payment) bool { return slices.Contains(p.Days, day) }},
			{"more", "exists", true, func(p *payment) bool { return p.More != nil }},
			{"note", "exists", false, func(p *payment) bool { return false }},
		} {
			got := list(ByOwner, ada.ID, Page{First: new(20), Filter: NewFilter(map[string]any{test.field: map[string]any{test.op: test.value}})})
			if want := ids(all, byID, test.holds); !slices.Equal(got, want) {
				t.Errorf("%s %s %v: %d, want %d", test.field, test.op, test.value, len(got), len(want))
			}
		}
	})
	for field, condition := range map[string]map[string]any{
		"amount": {"eq": "1 "}, "day": {"eq": "2026-02-30"}, "note": {"eq": "x"}, "fee": {"gt": true},
	} {
		_, err := m.ByOwner(ctx, ada, ada.ID, Page{Filter: NewFilter(map[string]any{field: condition})})
		for op := range condition {
			wantBadInput(t, fmt.Sprint(field, condition), err, "filter."+field+"."+op)
		}
	}
}

// jsonText returns a payment as JSON, without what is the object's own.
func jsonText(t *testing.T, p *payment) string {
	t.Helper()
	own := *p
	own.Object = Object{}
	text, err := json.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

func TestScalarsThatCannotBeStored(t *testing.T) {
	m, ctx := newPayments(t), t.Context()
	valid := payment{Note: MustJSON("{}")}
	for name, change := range map[string]func(*payment){
		"a day of the year 10000": func(p *payment) { p.Day = DateOf(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)) },
	} {
		given := valid
		change(&given)
		if _, err := m.Create(ctx, ada, as(given)); err == nil {
			t.Errorf("%s is stored", name)
		}
	}
	for field, change := range map[string]func(*payment){
		"amount": func(p *payment) { p.Amount = MustDecimal("-1e38") },
		"fee":    func(p *payment) { p.Fee = new(MustDecimal("0.30000000000000000002")) },
	} {
		given := valid
		change(&given)
		_, err := m.Create(ctx, ada, as(given))
		wantBadInput(t, field, err, field)
	}
	made[payment](t)(m.Create(ctx, ada, as(valid)))
}

// TestJoinedKeysOfNumbers wants one key of each number, however it is written.
func TestJoinedKeysOfNumbers(t *testing.T) {
	for _, same := range [][]any{
		{1, 1.0, MustDecimal("1.00")}, {0.1, MustDecimal("0.1")}, {1e21, MustDecimal("1e21")}, {1e-7, MustDecimal("1e-7")}, {0, Decimal{}},
	} {
		for _, value := range same {
			if got, want := JoinedKey(value), JoinedKey(same[0]); got != want {
				t.Errorf("%T %v has the key %q, want %q", value, value, got, want)
			}
		}
	}
	if a, b := JoinedKey(someDecimals[2]), JoinedKey(someDecimals[3]); a == b {
		t.Errorf("%v and %v have the key %q", someDecimals[2], someDecimals[3], a)
	}
}
