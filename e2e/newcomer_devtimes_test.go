//go:build newcomer && !dynamodblocal

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestDevLoopTimes measures `ownql dev` in projects of 1, 8 and 30 types, as time and as what processors had to do, and
// wants nothing of either: docs/dev.md has figures of eight types.
func TestDevLoopTimes(t *testing.T) {
	for _, number := range []int{1, 8, 30} {
		t.Run(fmt.Sprintf("%d types", number), func(t *testing.T) {
			p := newProject(t)
			base, _, _ := strings.Cut(p.read(t, "schema.graphqls"), "\n\"Something to be done.\"\ntype Todo ")
			write := func(extra string) { p.write(t, "schema.graphqls", base+things(number, extra)) }
			write("")
			dev := p.startDev(t)
			dev.serves(t, fmt.Sprintf("type Thing%d ", number))
			dev.measure(t, "a field more", func(i int) {
				field := fmt.Sprintf("more%d", i)
				write("  " + field + ": String\n")
				dev.serves(t, field)
			})
			dev.measure(t, "another body of a hook", func(i int) {
				before, err := dev.status()
				if err != nil {
					t.Fatal(err)
				}
				p.write(t, "store/hooks.go", strings.ReplaceAll(hookOfTodo(fmt.Sprintf("println(%d)\n\treturn nil", i)), "Todo", "Thing1"))
				dev.until(t, "another server", func() bool {
					after, err := dev.status()
					return err == nil && after.Server != before.Server && after.State == "serving"
				})
			})
			dev.stop(t)
			p.shell(t, "go generate ./...")
			begun := time.Now()
			p.shell(t, "go generate ./...")
			t.Logf("go generate without a change: %.2f s", time.Since(begun).Seconds())
		})
	}
}

// measure logs the median of a few times, of which the first does not count.
func (d *devServer) measure(t *testing.T, what string, do func(i int)) {
	t.Helper()
	var times, processors []float64
	for i := range 4 {
		begun, before := time.Now(), d.processorSeconds(t)
		do(i)
		if i > 0 {
			times, processors = append(times, time.Since(begun).Seconds()), append(processors, d.processorSeconds(t)-before)
		}
	}
	slices.Sort(times)
	slices.Sort(processors)
	t.Logf("%s: %.1f s, in which processors work for %.1f s", what, times[len(times)/2], processors[len(processors)/2])
}

// processorSeconds is what it and all that it has waited for have used. See proc_pid_stat(5).
func (d *devServer) processorSeconds(t *testing.T) float64 {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	ticks := 0
	for _, field := range strings.Fields(rest)[11:15] {
		number, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += number
	}
	return float64(ticks) / 100
}

// things returns types, each below the one before it. The first has more fields.
func things(number int, more string) string {
	var sdl strings.Builder
	for i := 1; i <= number; i++ {
		fmt.Fprintf(&sdl, `
type Thing%[1]d implements Node @model @auth(rules: [{ allow: owner }, { allow: authenticated, operations: [read] }]) {
  id: ID!
  slug: String! @unique @immutable
  title: String! @validate(type: maxLength, value: "200")
  status: Status%[1]d! @default(value: "DRAFT") @index(sortKeyFields: ["createdAt"], queryField: "thing%[1]dsByStatus")
  rank: Int
  due: DateTime
`, i)
		if i == 1 {
			sdl.WriteString(more)
		} else {
			fmt.Fprintf(&sdl, "  parent: Thing%d! @belongsTo(onDelete: CASCADE)\n", i-1)
		}
		if i < number {
			fmt.Fprintf(&sdl, "  children: [Thing%d!]! @hasMany\n", i+1)
		}
		fmt.Fprintf(&sdl, "}\n\nenum Status%d { DRAFT PUBLISHED }\n", i)
	}
	return sdl.String()
}
