package gql

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ownql/ownql/model"
)

// writes returns what a FieldWriter writes of a field; refused: it leaves the object to gqlgen.
func writes(isNonNull bool, take func(*FieldWriter)) (text string, refused bool) {
	w := FieldWriter{field: &selectedField{isNonNull: isNonNull}}
	take(&w)
	var b bytes.Buffer
	w.written().MarshalGQL(&b)
	return b.String(), w.isRefused
}

// TestFieldWriter holds that scalars are written as gqlgen writes them.
func TestFieldWriter(t *testing.T) {
	text := "é\x00\x1f\x7f\t\r\n\b\\\"/\u2028\U0001F600\xff\xc3</script>"
	check := func(name string, take func(*FieldWriter), want graphql.Marshaler) {
		t.Helper()
		var b bytes.Buffer
		want.MarshalGQL(&b)
		if got, refused := writes(true, take); got != b.String() || refused {
			t.Errorf("%s: %s, refused: %t; gqlgen has %s", name, got, refused, &b)
		}
	}
	for _, s := range []string{"", "plain", text, strings.Repeat(text, 3), strings.Repeat(text, 300), strings.Repeat("x", longText), strings.Repeat("x", longText+1)} {
		check("String", func(w *FieldWriter) { w.String(s) }, graphql.MarshalString(s))
		check("Nullable", func(w *FieldWriter) { Nullable(w, &s, (*FieldWriter).String) }, graphql.MarshalString(s))
		type enum string
		check("Enum", func(w *FieldWriter) { Enum(w, enum(s)) }, graphql.MarshalString(s))
		json, err := model.NewJSON(map[string]any{"a": strings.ToValidUTF8(s, "")})
		if err != nil {
			t.Fatal(err)
		}
		check("JSON", func(w *FieldWriter) { w.JSON(json) }, json)
	}
	check("JSON", func(w *FieldWriter) { w.JSON(model.JSON{}) }, model.JSON{})
	for _, b := range []bool{true, false} {
		check("Boolean", func(w *FieldWriter) { w.Boolean(b) }, graphql.MarshalBoolean(b))
	}
	for _, n := range []int{0, -1, math.MaxInt32, math.MinInt64} {
		check("Int", func(w *FieldWriter) { w.Int(n) }, MarshalInt(n))
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 0.1, 100000, 1e6, 1234567, 1e20, 1e21, 1e-4, 1e-5, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		check("Float", func(w *FieldWriter) { w.Float(f) }, graphql.MarshalFloat(f))
	}
	for _, at := range []model.DateTime{{}, model.NewDateTime(time.Unix(1e9, 999_999_999)), model.NewDateTime(time.Date(12345, 1, 2, 3, 4, 5, 6e6, time.UTC)), model.NewDateTime(time.Date(-5, 1, 2, 3, 4, 5, 0, time.UTC))} {
		check("DateTime", func(w *FieldWriter) { w.DateTime(at) }, at)
	}
	for _, on := range []model.Date{{}, model.MustDate("2024-02-29")} {
		check("Date", func(w *FieldWriter) { w.Date(on) }, on)
	}
	for _, d := range []model.Decimal{{}, model.MustDecimal("-12.50"), model.MustDecimal("1e30"), model.MustDecimal("1e-30")} {
		check("Decimal", func(w *FieldWriter) { w.Decimal(d) }, d)
	}
	check("List", func(w *FieldWriter) { List(w, []string{text, "", "b"}, (*FieldWriter).String) },
		graphql.Array{graphql.MarshalString(text), graphql.MarshalString(""), graphql.MarshalString("b")})
	check("a nil list that may not be null", func(w *FieldWriter) { List(w, nil, (*FieldWriter).Int) }, graphql.Array{})
}

// TestFieldWriterOfNulls holds that nulls are written where they may be, and that gqlgen answers the rest.
func TestFieldWriterOfNulls(t *testing.T) {
	for name, take := range map[string]func(*FieldWriter){
		"a scalar":       func(w *FieldWriter) { Nullable(w, nil, (*FieldWriter).Int) },
		"an object":      func(w *FieldWriter) { Pointer[*selection](w, nil) },
		"a list, if nil": func(w *FieldWriter) { Pointers[*selection](w, nil) },
	} {
		if got, refused := writes(false, take); got != "null" || refused {
			t.Errorf("%s that may be null: %s, refused: %t", name, got, refused)
		}
		got, refused := writes(true, take)
		if isList := strings.Contains(name, "list"); isList && (got != "[]" || refused) || !isList && !refused {
			t.Errorf("%s that may not be null: %s, refused: %t", name, got, refused)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, refused := writes(false, func(w *FieldWriter) { w.Float(f) }); !refused {
			t.Errorf("%v is written", f)
		}
	}
}

// FuzzAppendString holds that text is escaped as gqlgen does it.
func FuzzAppendString(f *testing.F) {
	f.Add("é\x00\x1f\\\"\xff")
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		graphql.MarshalString(text).MarshalGQL(&b)
		if got := appendString(nil, text); string(got) != b.String() {
			t.Errorf("%q is written as %s, by gqlgen as %s", text, got, &b)
		}
	})
}
