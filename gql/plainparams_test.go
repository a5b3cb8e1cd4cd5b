package gql

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ownql/ownql/web"
)

// decoded returns what package encoding/json makes of a body; false: it is none.
func decoded(body string) (*requestParams, bool) {
	var p requestParams
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	err := decoder.Decode(&p)
	return &p, err == nil && strings.TrimLeft(body[decoder.InputOffset():], " \t\r\n") == "" && web.LoneSurrogate([]byte(body)) < 0
}

func TestReadPlain(t *testing.T) {
	for _, test := range []struct {
		name, body string
		isPlain    bool
	}{
		{"a query alone", `{"query":"{ viewer { id } }"}`, true},
		{"all that there may be", ` { "operationName" : "A" , "variables" : { "a" : [ 1 , -2.50e+3 , true , false , null , {} , [] , "x" ] } , "query" : "query A { a }" } `, true},
		{"nulls", `{"query":null,"operationName":null,"variables":null}`, true},
		{"nothing", `{}`, true},
		{"escapes", `{"query":"a\n\t\"\\\/\b\f\r","variables":{"a\"":"\\"}}`, true},
		{"text beyond ASCII", `{"query":"é😀","variables":{"ß":"` + "\u2028\x7f" + `"}}`, true},
		{"a name twice in an object", `{"variables":{"a":1,"a":2}}`, true},
		{"many values", `{"variables":{"ids":["` + strings.Repeat(`a","`, 300) + `"]}}`, true},
		{"as many levels as are plain", `{"variables":{"a":` + strings.Repeat("[", plainLevels-1) + strings.Repeat("]", plainLevels-1) + `}}`, true},

		{"one level more", `{"variables":{"a":` + strings.Repeat("[", plainLevels) + strings.Repeat("]", plainLevels) + `}}`, false},
		{"\\u", `{"query":"\u0041"}`, false},
		{"half a surrogate pair", `{"query":"\ud83d"}`, false},
		{"another name", `{"query":"{a}","id":"a"}`, false},
		{"another case", `{"Query":"{a}"}`, false},
		{"a query twice", `{"query":"{a}","query":"{b}"}`, false},
		{"variables twice", `{"variables":{"a":1},"variables":{"b":1}}`, false},
		{"extensions", `{"query":"{a}","extensions":{}}`, false},
		{"a query of another type", `{"query":1}`, false},
		{"variables of another type", `{"variables":[]}`, false},
		{"a list", `[{"query":"{a}"}]`, false},
		{"something behind", `{"query":"{a}"}{}`, false},
		{"a comma too much", `{"query":"{a}",}`, false},
		{"a comma before", `{,"query":"{a}"}`, false},
		{"a comma too much in a list", `{"variables":{"a":[1,]}}`, false},
		{"no comma", `{"variables":{"a":[1 2]}}`, false},
		{"a zero before", `{"variables":{"a":01}}`, false},
		{"no digit behind the point", `{"variables":{"a":1.}}`, false},
		{"no digit before the point", `{"variables":{"a":.1}}`, false},
		{"a plus", `{"variables":{"a":+1}}`, false},
		{"no exponent", `{"variables":{"a":1e}}`, false},
		{"a minus alone", `{"variables":{"a":-}}`, false},
		{"half a literal", `{"variables":{"a":tru}}`, false},
		{"more than a literal", `{"variables":{"a":trueish}}`, false},
		{"a line break in a text", "{\"query\":\"a\nb\"}", false},
		{"a line break behind an escape", "{\"query\":\"\\n\n\"}", false},
		{"no end of a text", `{"query":"a`, false},
		{"no end of an escape", `{"query":"a\`, false},
		{"an escape that is none", `{"query":"\x"}`, false},
		{"no end", `{"query":"a"`, false},
		{"a zero byte", "{\"query\":\"a\"}\x00", false},
		{"empty", ``, false},
		{"null", `null`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got requestParams
			if isPlain := got.ReadPlain(test.body); isPlain != test.isPlain {
				t.Errorf("it is read: %v", isPlain)
			}
			if want, ok := decoded(test.body); test.isPlain && (!ok || !reflect.DeepEqual(&got, want)) {
				t.Errorf("it is %+v, want %+v, %v", got, *want, ok)
			} else if !test.isPlain && !reflect.DeepEqual(got, requestParams{}) {
				t.Errorf("it is %+v", got)
			}
		})
	}
}

// FuzzReadPlain: what it takes, package encoding/json takes for the same.
func FuzzReadPlain(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{ viewer { id } }","variables":{"a":[1,2.5,1e400,"\n",null,true,{"b":{}}]},"operationName":null}`,
		` {"variables" : {"": -0.1E-9 , "" : [ [ ] ] }}`, `{"query":"\u0041"}`, `{"variables":{"a":00}}`, `{"query":"\\"} x`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var got requestParams
		if !utf8.ValidString(body) || !got.ReadPlain(body) {
			return
		}
		if want, ok := decoded(body); !ok || !reflect.DeepEqual(&got, want) {
			t.Errorf("%q is %+v, want %+v, %v", body, got, *want, ok)
		}
	})
}
