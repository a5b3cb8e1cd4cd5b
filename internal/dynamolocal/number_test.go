package dynamolocal

import (
	"bytes"
	"cmp"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/itembytes"
)

// sortedNumbers are in order, as they are written anyhow.
var sortedNumbers = []string{
	"-9.9999999999999999999999999999999999999E+125", "-1e125", "-12345678901234567890123456789012345678",
	"-100.5", "-100", "-99", "-20", "-1.5", "-1.2", "-1.1", "-1", "-0.99", "-0.001", "-1e-130", "0",
	"1e-130", "1.1e-130", "0.0000001", "0.001", "0.01", "0.1", "0.11", "0.2", "1", "1.0000000000000000000000000000000000001",
	"1.1", "9", "9.9", "10", "10.5", "11", "99", "100", "9007199254740992", "9007199254740993",
	"12345678901234567890123456789012345678", "1e100", "9.9999999999999999999999999999999999999E+125",
}

func TestNumberKeysSortAsNumbers(t *testing.T) {
	for i, s := range sortedNumbers {
		n, err := parseNumber(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		for j, s2 := range sortedNumbers {
			m, _ := parseNumber(s2)
			if got, want := bytes.Compare(n.appendKey(nil), m.appendKey(nil)), cmp.Compare(i, j); got != want {
				t.Errorf("keys of %s and %s: %d; want %d", s, s2, got, want)
			}
			if got, want := n.compare(m), cmp.Compare(i, j); got != want {
				t.Errorf("%s compared with %s: %d; want %d", s, s2, got, want)
			}
		}
	}
}

// FuzzNumber holds the parser, the printer, the sum and the key of numbers against math/big.
func FuzzNumber(f *testing.F) {
	for i, s := range sortedNumbers {
		f.Add(s, sortedNumbers[(i*7)%len(sortedNumbers)])
	}
	f.Add("+0012.500E+3", "-.5e-3")
	f.Add("1e", "1.2.3")
	f.Fuzz(func(t *testing.T, a, b string) {
		n, err := parseNumber(a)
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(a)
		if !ok {
			t.Fatalf("%q is taken for %s", a, n)
		}
		if printed, ok := new(big.Rat).SetString(n.String()); !ok || printed.Cmp(exact) != 0 {
			t.Errorf("%q is printed as %s", a, n)
		}
		if again, err := parseNumber(n.String()); err != nil || again != n {
			t.Errorf("%s is read again as %v, %v", n, again, err)
		}
		m, err := parseNumber(b)
		if err != nil {
			return
		}
		other, _ := new(big.Rat).SetString(b)
		if got, want := bytes.Compare(n.appendKey(nil), m.appendKey(nil)), exact.Cmp(other); got != want {
			t.Errorf("keys of %s and %s: %d; want %d", n, m, got, want)
		}
		if sum, err := n.add(m); err == nil {
			want := exact.Add(exact, other)
			if got, _ := new(big.Rat).SetString(sum.String()); got.Cmp(want) != 0 {
				t.Errorf("%s + %s = %s; want %s", n, m, sum, want)
			}
		}
	})
}

// FuzzKey shows that composite keys sort as the pairs of their values, and that after bounds
// the keys that begin with a value.
func FuzzKey(f *testing.F) {
	for _, s := range []string{"", "a", "ab", "a\x00", "a\x00\xff", "\x00", "\xff", "\xff\xff", "\x00\x01"} {
		f.Add(s, "b", "a", s)
	}
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string) {
		key := func(first, second string) []byte {
			k := appendKeyValue(nil, &types.AttributeValueMemberS{Value: first})
			return appendKeyValue(k, &types.AttributeValueMemberB{Value: []byte(second)})
		}
		want := strings.Compare(a1, b1)
		if want == 0 {
			want = strings.Compare(a2, b2)
		}
		if got := bytes.Compare(key(a1, a2), key(b1, b2)); got != want {
			t.Errorf("%q, %q against %q, %q: %d; want %d", a1, a2, b1, b2, got, want)
		}
		prefix := appendKeyPrefix(nil, &types.AttributeValueMemberS{Value: a1})
		within := keyRange{prefix, after(prefix)}
		if got := within.contains(key(b1, b2)); got != strings.HasPrefix(b1, a1) {
			t.Errorf("%q among the keys that begin with %q: %v", b1, a1, got)
		}
	})
}

// FuzzItem shows that the codec gives back what it was given, and survives anything else.
func FuzzItem(f *testing.F) {
	f.Add([]byte{}, "a", "1")
	f.Add(appendItem(nil, pair("left", 1)), "b", "-2.5")
	f.Fuzz(func(t *testing.T, damaged []byte, s, n string) {
		decoded, err := decodeItem(damaged)
		if err == nil {
			appendItem(nil, decoded)
		}
		if _, measured := itembytes.Measured(string(damaged), nil); (measured == nil) != (err == nil) {
			t.Errorf("%q is measured with the error %v, and read with %v", damaged, measured, err)
		}
		it, err := normalizeItem(item{
			"s" + s: &types.AttributeValueMemberS{Value: s},
			"n":     &types.AttributeValueMemberN{Value: n},
			"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{
				&types.AttributeValueMemberBOOL{Value: true}, &types.AttributeValueMemberNULL{Value: true},
				&types.AttributeValueMemberM{Value: item{"b": &types.AttributeValueMemberB{Value: []byte(s)}}},
			}},
			"ss": &types.AttributeValueMemberSS{Value: []string{s, s + "x"}},
			"ns": &types.AttributeValueMemberNS{Value: []string{n}},
			"bs": &types.AttributeValueMemberBS{Value: [][]byte{[]byte(s)}},
		})
		if err != nil {
			return
		}
		encoded := appendItem(nil, it)
		back, err := decodeItem(encoded)
		if err != nil || !equalItems(it, back) {
			t.Errorf("%v is read back as %v, %v", it, back, err)
		}
		m, err := itembytes.Measured(string(encoded), nil)
		if want := (itembytes.Measure{Size: itemSize(it), Memory: itemMemory(it)}); err != nil || m != want {
			t.Errorf("%v is measured as %+v, %v; want %+v", it, m, err, want)
		}
		if len(encoded) > 0 {
			if _, err := decodeItem(encoded[:len(encoded)-1]); err == nil {
				t.Error("an item cut short is not refused")
			}
		}
	})
}

// FuzzExpression shows that the parser ends, with an answer or an error, on any text, and that
// what it accepts can be evaluated.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{
		"a = :v AND NOT (b.c[0] <> :v OR size(#n) BETWEEN :v AND :v)", "attribute_type(a, :s)", "a IN (:v, :s)",
		"SET a = if_not_exists(b, :v) + :v, c[1] = list_append(c, :l) REMOVE d ADD e :v DELETE f :ss",
		"a, b.c[0], #n", "((a", "a[", "SET", "a = :v)", "é", "#", "a..b", "begins_with(a, :s) or contains(b, :v)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values := item{
			":v": &types.AttributeValueMemberN{Value: "1"}, ":s": &types.AttributeValueMemberS{Value: "S"},
			":l":  &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberN{Value: "2"}}},
			":ss": &types.AttributeValueMemberSS{Value: []string{"x"}},
		}
		it := item{
			"a": values[":v"], "c": values[":l"], "n": values[":s"], "f": values[":ss"],
			"b": &types.AttributeValueMemberM{Value: item{"c": values[":l"]}},
		}
		before := appendSorted(it)
		ph, err := newPlaceholders(map[string]string{"#n": "n"}, values)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ph.condition("ConditionExpression", &text); err == nil {
			c.holds(it)
			c.holds(nil)
			keyConditions(c)
		}
		if u, err := ph.update(&text); err == nil {
			u.apply(it)
		}
		if pr, err := ph.projection(&text); err == nil {
			pr.of(it)
		}
		if !slices.Equal(before, appendSorted(it)) {
			t.Errorf("%q changed the item that it was applied to", text)
		}
	})
}

// appendSorted is an item's attributes as text, in order.
func appendSorted(it item) []string {
	var list []string
	for _, name := range sortedNames(it) {
		b, _ := marshalJSON(it[name])
		list = append(list, name+string(b))
	}
	return list
}
