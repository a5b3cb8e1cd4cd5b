package review

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCosts reads what `ownql explain` prints, before and now, and tells what is otherwise.
func TestCosts(t *testing.T) {
	costs := &Costs{Before: map[string]Cost{}, Now: map[string]Cost{}, Refused: []string{`a: Cannot query field "x" on type [A]`}}
	ReadCosts(costs.Before, `Same
  path    what                calls  items     read units  write units
  viewer  the user who asks   1      2         2           0
          in all              1      2         2           0
  a million of them: $0.25 of DynamoDB

Dearer
  path  what    calls   items    read units  write units
        in all  1 to 2  2 to 22  2.5 to 5.5  0
  a million of them: $0.31 to $0.69 of DynamoDB

the operation without a name
        in all  1  2  3  4
`)
	ReadCosts(costs.Now, `Same
          in all              1 to 2  2        2           0
  a million of them: $0.25 of DynamoDB
Dearer
        in all  1 to 4  2 to 22  2.5 to 23  0
  a million of them: $0.31 to $2.88 of DynamoDB
New
        in all  1  1  1  0
  a million of them: $0.13 of DynamoDB
`)
	var m markdown
	costs.write(&m)
	want := `
### What documents cost

**Refused now**

- a: Cannot query field "x" on type \[A\]

| operation | read units, before | now | write units, before | now | a million, before | now |
|---|---|---|---|---|---|---|
| **~Dearer~** | 2.5 to 5.5 | 2.5 to 23 | 0 | 0 | $0.31 to $0.69 | $0.31 to $2.88 |
| ~New~ | – | 1 | – | 0 | – | $0.13 |
| ~the operation without a name~ | 3 | – | 4 | – | – | – |

1 other costs what it did.
`
	if diff := cmp.Diff(strings.ReplaceAll(want, "~", "`"), m.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m.Reset()
	(&Costs{Before: costs.Before, Now: costs.Before}).write(&m)
	if m.Len() > 0 {
		t.Errorf("where nothing changes: %q", m.String())
	}
}
