package decimal

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for _, c := range []struct {
		name, text, want string
		err              error
	}{
		{name: "zero", text: "0", want: "0"},
		{name: "the other zero", text: "-0.00e7", want: "0"},
		{name: "zeros that say nothing", text: "12.500", want: "12.5"},
		{name: "a whole number", text: "100", want: "100"},
		{name: "below one", text: "-0.001", want: "-0.001"},
		{name: "an exponent", text: "1.5E+6", want: "1500000"},
		{name: "a negative exponent", text: "15e-3", want: "0.015"},
		{name: "zeros in front of an exponent's digits", text: "1e007", want: "10000000"},
		{name: "the most digits", text: nines, want: nines},
		{name: "the most digits, and zeros", text: nines + "000.0", want: nines + "000"},
		{name: "the greatest", text: "9." + nines[1:] + "e125", want: nines + strings.Repeat("0", 88)},
		{name: "the least", text: "-1e-130", want: "-0." + strings.Repeat("0", 129) + "1"},
		{name: "a digit too much", text: "1" + nines, err: ErrDigits},
		{name: "a digit too much behind the point", text: "0.1" + nines, err: ErrDigits},
		{name: "too great", text: "1e126", err: ErrGreat},
		{name: "too small", text: "9.9e-131", err: ErrSmall},
		{name: "an exponent of many digits", text: "1e99999999999999999999", err: ErrGreat},
		{name: "a negative exponent of many digits", text: "1e-99999999999999999999", err: ErrSmall},
		{name: "zero of any exponent", text: "0e99999999999999999999", want: "0"},
		{name: "nothing", text: "", err: ErrForm},
		{name: "a sign alone", text: "-", err: ErrForm},
		{name: "a plus", text: "+1", err: ErrForm},
		{name: "a zero in front", text: "01", err: ErrForm},
		{name: "no digit before the point", text: ".5", err: ErrForm},
		{name: "no digit behind the point", text: "5.", err: ErrForm},
		{name: "an exponent without digits", text: "1e", err: ErrForm},
		{name: "an exponent with a sign alone", text: "1e-", err: ErrForm},
		{name: "two signs", text: "1e+-1", err: ErrForm},
		{name: "a blank", text: " 1", err: ErrForm},
		{name: "a blank behind", text: "1 ", err: ErrForm},
		{name: "a comma", text: "1,5", err: ErrForm},
		{name: "an underscore", text: "1_000", err: ErrForm},
		{name: "no number", text: "NaN", err: ErrForm},
		{name: "hexadecimal", text: "0x1p4", err: ErrForm},
		{name: "digits of another script", text: "٣", err: ErrForm},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Parse(c.text)
			if !errors.Is(err, c.err) || err == nil && n.String() != c.want {
				t.Errorf("%q is %v, %v; want %q, %v", c.text, n, err, c.want, c.err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"0", "-12.50", "1e125", "9.9e-130", "1.2.3", "-0.000000000000000000001", "10", "9"} {
		f.Add(text, "0.1")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		n, err := Parse(a)
		if err != nil {
			return
		}
		if again, err := Parse(n.String()); err != nil || again != n {
			t.Fatalf("%q is %v, which is %v, %v", a, n, again, err)
		}
		exact := func(n Number) *big.Rat {
			rat, ok := new(big.Rat).SetString(n.String())
			if !ok {
				t.Fatalf("%v is no number", n)
			}
			return rat
		}
		if _, exponent, _ := strings.Cut(strings.ToLower(a), "e"); len(exponent) < 5 {
			if rat, ok := new(big.Rat).SetString(a); !ok || rat.Cmp(exact(n)) != 0 {
				t.Errorf("%q is %v", a, n)
			}
		}
		m, err := Parse(b)
		if err != nil {
			return
		}
		want := exact(n).Cmp(exact(m))
		if got := n.Cmp(m); got != want || (n == m) != (want == 0) {
			t.Errorf("%v to %v is %d; want %d", n, m, got, want)
		}
		if got := bytes.Compare(n.AppendSortable(nil), m.AppendSortable(nil)); got != want {
			t.Errorf("the bytes of %v to %v are %d; want %d", n, m, got, want)
		}
	})
}
