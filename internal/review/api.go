package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/schemadiff"
)

// API is how the public schema changes. What is generated for a type is told with it.
type API struct {
	schemadiff.Changes
	before, now map[string]string // see schema.Origins
}

// origin returns the type for which what stands at a path is there, as far as it is generated for one.
func (a *API) origin(path string) string {
	name, rest, _ := strings.Cut(path, ".")
	field, _, _ := strings.Cut(rest, "(")
	for _, origins := range []map[string]string{a.now, a.before} {
		for _, at := range []string{name + "." + field, name} {
			if origin := origins[at]; origin != "" {
				return origin
			}
		}
	}
	return ""
}

// lines returns what changes in a class, a line each: of a type that is new or gone with all that is generated for it, and
// of what changes alike in several generated types once.
func (a *API) lines(class schemadiff.Class) (lines []string) {
	changes := a.Of(class)
	isWhole := func(name string) bool {
		return slices.ContainsFunc(changes, func(c schemadiff.Change) bool { return c.Path == name && a.origin(name) == name && isOfAll(c) })
	}
	with := map[string]int{}
	changes = slices.DeleteFunc(changes, func(c schemadiff.Change) bool {
		origin := a.origin(c.Path)
		isWith := origin != "" && c.Path != origin && isWhole(origin) && isOfAll(c)
		if isWith {
			with[origin]++
		}
		return isWith
	})
	for len(changes) > 0 {
		first := changes[0]
		isAlike := func(c schemadiff.Change) bool {
			return c.Text == first.Text && lastOf(c.Path) == lastOf(first.Path) && a.origin(c.Path) == a.origin(first.Path) && a.origin(c.Path) != ""
		}
		var paths []string
		for _, change := range changes {
			if change == first || isAlike(change) {
				paths = append(paths, change.Path)
			}
		}
		changes = slices.DeleteFunc(changes, func(c schemadiff.Change) bool { return c == first || isAlike(c) })
		text := escaped(first.Text)
		if n := with[first.Path]; n > 0 {
			text += fmt.Sprintf("; with it %s", counted(n, "type or field that is generated for it", "types and fields that are generated for it"))
		}
		lines = append(lines, strings.Join(coded(paths), ", ")+": "+text)
	}
	return lines
}

// isOfAll tells whether the change is that something is new or gone as a whole.
func isOfAll(c schemadiff.Change) bool {
	return strings.HasSuffix(c.Text, " is new") || strings.Contains(c.Text, " is gone")
}

// lastOf is the last name of a path.
func lastOf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// special is what Markdown would take for its own, and what GitHub would take for somebody's name.
var special = regexp.MustCompile(`[\\*_<>\[\]|#&~\x60]|@[A-Za-z0-9-]+`)

// escaped is text as Markdown shows it.
func escaped(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return special.ReplaceAllStringFunc(text, func(found string) string {
		switch found[0] {
		case '<':
			return "&lt;"
		case '>':
			return "&gt;"
		case '&':
			return "&amp;"
		case '@':
			return "`" + found + "`"
		}
		return `\` + found
	})
}

func (a *API) write(m *markdown) {
	if len(a.Changes) == 0 {
		return
	}
	m.WriteString("\n### API\n")
	m.section("**Breaking**", a.lines(schemadiff.Breaking))
	m.section("Dangerous: documents stay good, and clients may meet what they do not expect", a.lines(schemadiff.Dangerous))
	if safe := a.lines(schemadiff.Safe); len(safe) > 0 {
		fmt.Fprintf(m, "\n<details><summary>%s</summary>\n\n", counted(len(safe), "safe change", "safe changes"))
		m.list(safe)
		m.WriteString("\n</details>\n")
	}
}
