// Package review says what a change of a project comes to, in Markdown, for whoever has to say yes to it: what breaks
// clients, who may do what that they might not, what becomes of data, and what the trusted documents cost.
package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/schemadiff"
)

// A Report is about the change from one schema to another.
type Report struct {
	API    *API
	Rights []Fact
	New    []string // who may do what with types and guarded fields that are new
	Gone   []string // the types that are gone, with whatever their rules gave
	Go     []string // the methods that decide too about what Rights is about
	Beside []string // what else decides who may do what
	Data   Data
	Plan   string // what the data itself says, `ownql tables --plan`; empty: it was not asked
	Costs  *Costs // nil: there are no documents
	Stale  []string
	Apart  string // why the rules and the data are not compared; empty: they are
}

// Compare makes the report of two schemas.
func Compare(before, now *schema.Schema) (*Report, error) {
	old, err := schemadiff.Parse("the public schema of before", before.Public())
	if err != nil {
		return nil, err
	}
	new, err := schemadiff.Parse("the public schema", now.Public())
	if err != nil {
		return nil, err
	}
	r := &Report{
		API:    &API{schemadiff.Compare(old, new), before.Origins(), now.Origins()},
		Rights: compareRights(before, now),
		New:    newTypes(before, now),
		Beside: beside(before, now),
		Data:   compareData(before, now),
	}
	r.Go = alsoInGo(before, now, r.Rights)
	for _, model := range goneModels(before, now) {
		r.Gone = append(r.Gone, model.Name)
	}
	return r, nil
}

// CompareAPI makes the report where the older schema.graphqls is none to this version of ownql, of what was generated of
// it then, and why.
func CompareAPI(public string, now *schema.Schema, why error) (*Report, error) {
	old, err := schemadiff.Parse(schema.PublicFile+" of before", public)
	if err != nil {
		return nil, err
	}
	new, err := schemadiff.Parse("the public schema", now.Public())
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(why.Error(), "\n")
	return &Report{API: &API{schemadiff.Compare(old, new), nil, now.Origins()}, Apart: first}, nil
}

// IsBreaking tells whether clients break.
func (r *Report) IsBreaking() bool { return len(r.API.Of(schemadiff.Breaking)) > 0 }

// IsWidening tells whether the rules of what there was give somebody what they did not, or something else decides now.
func (r *Report) IsWidening() bool {
	return len(r.widening(true)) > 0 || len(r.Beside) > 0
}

func (r *Report) widening(isWidening bool) []Fact {
	return slices.DeleteFunc(slices.Clone(r.Rights), func(f Fact) bool { return f.IsWidening != isWidening })
}

// markdown writes Markdown.
type markdown struct{ strings.Builder }

func (m *markdown) list(lines []string) {
	for _, line := range lines {
		m.WriteString("- " + line + "\n")
	}
}

// section writes a heading and a list, where there is something to list.
func (m *markdown) section(heading string, lines []string) {
	if len(lines) > 0 {
		m.WriteString("\n" + heading + "\n\n")
		m.list(lines)
	}
}

// Mark is the first line of every report, by which one is known among other comments.
const Mark = "<!-- ownql review -->"

// Markdown writes the report; base is what it compares with, such as "`main` (1a2b3c4)".
func (r *Report) Markdown(base string) string {
	var m markdown
	m.WriteString(Mark + "\n")
	if len(r.Stale) > 0 {
		fmt.Fprintf(&m, "> [!WARNING]\n> `go generate ./...` was not run: %s would change.\n\n", and(coded(firstOf(r.Stale, 5))))
	}
	if r.Apart != "" {
		fmt.Fprintf(&m, "> [!WARNING]\n> The API alone is compared, and not the rules and the data: schema.graphqls of %s is none to this version of ownql, %s\n\n", base, escaped(r.Apart))
	}
	summary := r.summary()
	if len(summary) == 0 && r.Apart != "" {
		m.WriteString("Nothing changes in the API.\n")
		return m.String()
	}
	if len(summary) == 0 {
		fmt.Fprintf(&m, "Nothing changes in the API, the rules of schema.graphqls, the tables or what documents cost: compared with %s.\n", base)
		return m.String()
	}
	fmt.Fprintf(&m, "## What this changes\n\n%s. Compared with %s.\n", capital(strings.Join(summary, " · ")), base)
	r.API.write(&m)
	r.rights(&m)
	r.data(&m)
	if r.Costs != nil {
		r.Costs.write(&m)
	}
	return m.String()
}

func firstOf(names []string, n int) []string {
	if len(names) <= n {
		return names
	}
	return append(slices.Clone(names[:n]), "…")
}

// summary says in a few words what there is.
func (r *Report) summary() (parts []string) {
	say := func(n int, bold bool, one, several string) {
		if n == 0 {
			return
		}
		text := counted(n, one, several)
		if bold {
			text = "**" + text + "**"
		}
		parts = append(parts, text)
	}
	say(len(r.API.lines(schemadiff.Breaking)), true, "breaking change", "breaking changes")
	say(len(r.widening(true)), true, "right that is new", "rights that are new")
	say(len(r.Beside), true, "change beside the rules", "changes beside the rules")
	say(len(r.widening(false)), false, "right that is gone", "rights that are gone")
	say(len(r.Data.Contradictions), true, "thing that data may contradict", "things that data may contradict")
	say(len(r.API.lines(schemadiff.Dangerous)), false, "dangerous change of the API", "dangerous changes of the API")
	if r.Costs != nil {
		say(len(r.Costs.Refused), true, "document that is refused", "documents that are refused")
		say(len(r.Costs.changed()), false, "operation that costs otherwise", "operations that cost otherwise")
	}
	if len(parts) > 0 {
		return parts
	}
	switch {
	case len(r.API.Changes)+len(r.New)+len(r.Gone) > 0:
		return []string{"nothing that breaks clients, or gives anybody more of what there was"}
	case len(r.Data.Tables)+len(r.Data.Notes)+len(r.Data.Run) > 0:
		return []string{"nothing but what becomes of data"}
	case r.Plan != "":
		return []string{"nothing in the schema, and something in the data"}
	}
	return nil
}

func (r *Report) rights(m *markdown) {
	texts := func(facts []Fact) (lines []string) {
		for _, fact := range facts {
			lines = append(lines, fact.String())
		}
		return lines
	}
	if len(r.Rights)+len(r.New)+len(r.Gone)+len(r.Beside) == 0 {
		return
	}
	m.WriteString("\n### Who may do what\n")
	m.section("**What the rules give that they did not**", texts(r.widening(true)))
	m.section("What they give no more", texts(r.widening(false)))
	if len(r.Go) > 0 {
		fmt.Fprintf(m, "\nIn Go, %s of Store may decide otherwise, which is not judged here.\n", and(coded(r.Go)))
	}
	m.section("What is new", r.New)
	if len(r.Gone) > 0 {
		fmt.Fprintf(m, "\nGone, with whatever its rules gave: %s.\n", and(coded(r.Gone)))
	}
	m.section("What decides beside the rules", r.Beside)
}

func (r *Report) data(m *markdown) {
	d := r.Data
	if len(d.Tables)+len(d.Contradictions)+len(d.Notes)+len(d.Run) == 0 && r.Plan == "" {
		return
	}
	m.WriteString("\n### Data\n")
	m.section("**What there is may contradict**: `ownql tables --plan` tells whether it does", d.Contradictions)
	m.section("Tables and indexes", d.Tables)
	m.section("What becomes of what there is", d.Notes)
	m.section("To run (on the embedded engine, `serve` does it)", d.Run)
	if r.Plan != "" {
		fmt.Fprintf(m, "\nThe data itself, by `ownql tables --plan`:\n\n```\n%s\n```\n", strings.ReplaceAll(strings.TrimSpace(r.Plan), "```", "'''"))
	}
}
