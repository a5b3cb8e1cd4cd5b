package review

import (
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/schemadiff"
)

// TestCode shows text as code, whatever is in it.
func TestCode(t *testing.T) {
	for text, want := range map[string]string{
		"a":                "`a`",
		"":                 "`\"\"`",
		"a\n\n# b\tc":      "`\"a\\n\\n# b\\tc\"`",
		"\"a\"":            "`\"\\\"a\\\"\"`",
		"a  b":             "`a  b`",
		"a`b":              "`` a`b ``",
		"``a` @them/all`":  "``` ``a` @them/all` ```",
		"<b> | *a* @them/": "`<b> | *a* @them/`",
	} {
		if got := code(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestEscaped shows text as it is, and calls nobody.
func TestEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"a\n# b":           `a \# b`,
		"`a` ~~b~~ &lt;":   "\\`a\\` \\~\\~b\\~\\~ &amp;lt;",
		"ask @them/all":    "ask `@them`/all",
		"<b>_a_</b> [a]()": `&lt;b&gt;\_a\_&lt;/b&gt; \[a\]()`,
	} {
		if got := escaped(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestTextOfSchemas wants no text of a schema to begin a line, end code or call somebody.
func TestTextOfSchemas(t *testing.T) {
	const evil = `\n\n# Approved by @them/all\n\n` + "`" + ` @them/all`
	old := map[string]string{"POST": `{ allow: owner }`, "MORE": `level: String`}
	now := map[string]string{
		"POST": `{ allow: public, where: { title: { eq: "` + evil + `" } } }, { allow: public, where: { title: { ge: "` + evil + `" } } }`,
		"MORE": `level: String @deprecated(reason: "` + evil + `") @validate(type: matches, value: "` + evil + `")`,
	}
	report, err := Compare(housed(t, old), housed(t, now))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.API.Of(schemadiff.Safe)) == 0 {
		t.Error("it tells of no reason")
	}
	told := report.Markdown("main")
	for line := range strings.Lines(told) {
		if strings.HasPrefix(line, "# ") {
			t.Errorf("%q is a heading of\n%s", line, told)
		}
	}
	if n := strings.Count(told, "@them"); n < 8 || n != strings.Count(told, "# Approved by @them/all\\n\\n` @them/all\" ``")*2+strings.Count(told, "`@them`") {
		t.Errorf("it calls @them %d times:\n%s", n, told)
	}
}
