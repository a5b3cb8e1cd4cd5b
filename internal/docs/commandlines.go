package docs

import (
	"regexp"
	"slices"
	"strings"
)

// A CommandLine is one of ownql's that a document has, in a block of commands or in its prose.
type CommandLine struct {
	Text   string   // as it stands there
	IsTool bool     // of `go tool ownql`, and not of the project's program
	Args   []string // behind the program's name
}

var (
	// program is how documents call ownql: the project's program, or the tool.
	program = regexp.MustCompile(`(?:^|[\s(])(\./ownql|\./shop|go tool ownql|go run \S*cmd/ownql(?:@latest)?|go run \.|ownql)((?: [^\n;&|()<>#]*)?)`)
	span    = regexp.MustCompile("`([^`]+)`")
	// ofTool are the commands of the tool: in prose either program is called ownql.
	ofTool = []string{"new", "generate", "dev", "schema", "review"}
)

// Help returns the arguments with --help behind those that are the command's own: what is behind `--` goes to another program.
func (l CommandLine) Help() []string {
	end := slices.Index(l.Args, "--")
	if end < 0 {
		end = len(l.Args)
	}
	return append(slices.Clone(l.Args[:end]), "--help")
}

// CommandLines returns all of a document, each once.
func (d Document) CommandLines() (lines []CommandLine) {
	type text struct {
		text    string
		isProse bool
	}
	var texts []text
	for _, block := range d.Blocks {
		if block.Kind() == "sh" {
			texts = append(texts, text{text: strings.ReplaceAll(block.Text, "\\\n", " ")})
		}
	}
	prose := regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(d.Text, "")
	for _, match := range span.FindAllStringSubmatch(prose, -1) {
		texts = append(texts, text{strings.Join(strings.Fields(match[1]), " "), true})
	}
	seen := map[string]bool{}
	for _, text := range texts {
		for _, match := range program.FindAllStringSubmatch(text.text, -1) {
			line := CommandLine{Text: strings.TrimSpace(match[1] + match[2]), IsTool: strings.Contains(match[1], "tool") || strings.Contains(match[1], "cmd/ownql")}
			for word := range strings.FieldsSeq(match[2]) {
				line.Args = append(line.Args, strings.Trim(word, `'"`))
			}
			if match[1] == "ownql" && (!text.isProse || match[0][0] != 'o' || len(line.Args) == 0) {
				continue // what is called so is no command
			}
			line.IsTool = line.IsTool || match[1] == "ownql" && slices.Contains(ofTool, line.Args[0])
			if !seen[line.Text] {
				seen[line.Text] = true
				lines = append(lines, line)
			}
		}
	}
	return lines
}
