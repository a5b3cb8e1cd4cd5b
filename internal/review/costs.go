package review

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Costs are what the operations of some documents ask of DynamoDB, before and now.
type Costs struct {
	Before, Now map[string]Cost // by the name of the operation
	Refused     []string        // what is said of documents that are refused now
}

// A Cost is the line `in all` of `ownql explain`, and what follows of it.
type Cost struct {
	ReadUnits, WriteUnits, Million string // such as "1 to 3", "$0.51"

	most float64 // read and write units
}

var (
	inAll   = regexp.MustCompile(`^ +in all +(.+)$`)
	million = regexp.MustCompile(`^ +a million of them: (.+) of DynamoDB$`)
	columns = regexp.MustCompile(` {2,}`)
)

// ReadCosts reads what `ownql explain` has printed, and adds to costs.
func ReadCosts(costs map[string]Cost, printed string) {
	var name string
	for line := range strings.Lines(printed) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && !strings.HasPrefix(line, " ") {
			name = line
			continue
		}
		cost := costs[name]
		if found := inAll.FindStringSubmatch(line); found != nil {
			values := columns.Split(strings.TrimSpace(found[1]), -1)
			if len(values) != 4 { // calls, items, read units, write units
				continue
			}
			cost.ReadUnits, cost.WriteUnits = values[2], values[3]
			cost.most = mostOf(values[2]) + mostOf(values[3])
		} else if found := million.FindStringSubmatch(line); found != nil {
			cost.Million = found[1]
		} else {
			continue
		}
		costs[name] = cost
	}
}

// mostOf reads the greater number of `1 to 3`.
func mostOf(text string) float64 {
	words := strings.Fields(text)
	if len(words) == 0 {
		return 0
	}
	most, err := strconv.ParseFloat(words[len(words)-1], 64)
	if err != nil {
		return 0
	}
	return most
}

// changed returns the operations that cost otherwise now, or are new or gone: what has become dearest first.
func (c *Costs) changed() (names []string) {
	for name, now := range c.Now {
		if before, ok := c.Before[name]; !ok || before != now {
			names = append(names, name)
		}
	}
	for name := range c.Before {
		if _, ok := c.Now[name]; !ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		more := func(name string) float64 { return c.Now[name].most - c.Before[name].most }
		return cmp.Or(cmp.Compare(more(b), more(a)), strings.Compare(a, b))
	})
	return names
}

func (c *Costs) hasChanged() bool { return len(c.changed())+len(c.Refused) > 0 }

func (c *Costs) write(m *markdown) {
	if !c.hasChanged() {
		return
	}
	m.WriteString("\n### What documents cost\n")
	refused := make([]string, len(c.Refused))
	for i, reason := range c.Refused {
		refused[i] = escaped(reason)
	}
	m.section("**Refused now**", refused)
	changed := c.changed()
	if len(changed) > 0 {
		m.WriteString("\n| operation | read units, before | now | write units, before | now | a million, before | now |\n|---|---|---|---|---|---|---|\n")
	}
	for _, name := range changed {
		before, now := c.Before[name], c.Now[name]
		label := code(name)
		if now.most > before.most && before != (Cost{}) {
			label = "**" + label + "**"
		}
		fmt.Fprintf(m, "| %s | %s | %s | %s | %s | %s | %s |\n", label, orNone(before.ReadUnits), orNone(now.ReadUnits), orNone(before.WriteUnits), orNone(now.WriteUnits), orNone(before.Million), orNone(now.Million))
	}
	same := 0
	for name := range c.Now {
		if !slices.Contains(changed, name) {
			same++
		}
	}
	if same > 0 && len(changed) > 0 {
		fmt.Fprintf(m, "\n%s what %s did.\n", capital(counted(same, "other costs", "others cost")), map[bool]string{true: "it", false: "they"}[same == 1])
	}
}

func orNone(text string) string {
	if text == "" {
		return "–"
	}
	return text
}
