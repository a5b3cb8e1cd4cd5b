package listed

import (
	"testing"

	"github.com/trustelem/zxcvbn/frequency"
)

// TestHas: what the lists have, and nothing that is made of it.
func TestHas(t *testing.T) {
	others := 0
	for name, list := range frequency.FrequencyLists {
		for _, text := range list {
			if !Has(text) {
				t.Errorf("%s has %q", name, text)
			}
			if other := text + "\x00" + name; Has(other) {
				t.Logf("%q is taken for one that is listed", other)
				others++
			}
		}
	}
	if others > 2 {
		t.Errorf("%d texts are taken for ones that are listed", others)
	}
}
