//go:build newcomer && !dynamodblocal

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// workflow is what a file in .github/workflows says, as far as the test goes by it.
type workflow struct {
	Permissions map[string]string
	Env         map[string]string
	Jobs        map[string]struct {
		If          string
		Permissions map[string]string
		Steps       []workflowStep
	}
}

type workflowStep struct {
	ID, If, Name, Uses, Run string
	Env                     map[string]string
	With                    map[string]any
}

// standIn is gh as far as the workflow asks it: it keeps one comment, and counts what was asked.
const standIn = `#!/bin/sh -e
[ "$1" = api ] || exit 2
[ "$GH_TOKEN" = token ] || exit 3
case "$*" in
*--jq*) echo list >>"$GH_LOG"; [ ! -e "$GH_COMMENT" ] || echo 17; exit 0 ;;
*"--method PATCH repos/them/shop/issues/comments/17 "*) echo patch >>"$GH_LOG" ;;
*"--method POST repos/them/shop/issues/5/comments "*) echo post >>"$GH_LOG" ;;
*) exit 4 ;;
esac
for last; do :; done
cp "${last#body=@}" "$GH_COMMENT"
`

// TestNewcomerWorkflow runs what the workflow of a new project runs on a pull request, but for the actions that it uses
// and for GitHub's own end of gh.
func TestNewcomerWorkflow(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var w workflow
	if err := yaml.Unmarshal([]byte(p.read(t, ".github/workflows/ownql.yml")), &w); err != nil {
		t.Fatal(err)
	}
	checkWorkflow(t, w)
	g := newRunner(t, p)
	p.shell(t, `git branch -M main && git clone -q --bare . ../origin.git && git remote add origin ../origin.git && git fetch -q && git checkout -q -b change`)

	g.job(w.Jobs["test"].Steps, 0)
	g.job(w.Jobs["review"].Steps, 0)
	g.wants("list", "", "Nothing changes")

	// A warning is posted where nothing else is to be told.
	generated := p.read(t, "graph/schema.graphqls")
	p.write(t, "graph/schema.graphqls", generated+"# by hand\n")
	g.job(w.Jobs["review"].Steps, 0)
	g.wants("list list post", "`go generate ./...` was not run", "Nothing changes")
	p.write(t, "graph/schema.graphqls", generated)
	for _, file := range []string{g.log, g.comment} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}

	p.replace(t, "schema.graphqls", "[{ allow: owner }]", "[{ allow: owner }, { allow: authenticated, operations: [read] }]")
	p.shell(t, "go generate ./... && git add -A && git -c user.name=test -c user.email=test@example.com commit -qm wider")
	g.job(w.Jobs["review"].Steps, 0)
	g.wants("list post", "**Whoever is signed in may now read `Todo`.**", "**Whoever is signed in may now read `Todo`.**")

	p.replace(t, "schema.graphqls", "  title: String!", "  text: String!")
	p.write(t, "todos.graphql", "query Mine { viewer { todos { edges { node { title } } } } }\n")
	p.shell(t, "go generate ./... && git add -A && git -c user.name=test -c user.email=test@example.com commit -qm breaking")
	w.Env["DOCUMENTS"] = "todos.graphql"
	g.env = append(g.env, "DOCUMENTS=todos.graphql")
	g.job(w.Jobs["review"].Steps, 1)
	g.wants("list post list patch", "`Todo.title`: the field is gone", "**Refused now**")

	// Where there is no report, the comment is not left as if it were of now.
	p.replace(t, "schema.graphqls", "  text: String!", "  text: Nothing")
	g.job(w.Jobs["review"].Steps, 1)
	g.wants("list post list patch list patch", "There is no report of what was pushed last", "")
	p.replace(t, "schema.graphqls", "  text: Nothing", "  text: String!")
	if left := p.shell(t, "git status --porcelain"); left != "" {
		t.Errorf("the working tree has %s", left)
	}
}

var pinned = regexp.MustCompile(`^actions/(checkout|setup-go)@[0-9a-f]{40}$`)

// checkWorkflow wants the least rights, and no action of others.
func checkWorkflow(t *testing.T, w workflow) {
	t.Helper()
	review := w.Jobs["review"]
	switch {
	case len(w.Permissions) != 1 || w.Permissions["contents"] != "read":
		t.Errorf("it may %v", w.Permissions)
	case len(w.Jobs) != 2 || len(w.Jobs["test"].Permissions) != 0 || len(review.Permissions) != 2 || review.Permissions["pull-requests"] != "write":
		t.Errorf("the jobs are %v", w.Jobs)
	case review.If != "github.event_name == 'pull_request'":
		t.Errorf("it reviews if %s", review.If)
	}
	for name, job := range w.Jobs {
		for _, step := range job.Steps {
			if step.Uses != "" && !pinned.MatchString(step.Uses) {
				t.Errorf("%s uses %s", name, step.Uses)
			}
			if step.Uses == "" && step.Run == "" || strings.Contains(step.Run, "${{") {
				t.Errorf("%s runs %q: what others say must come by env", name, step.Run)
			}
		}
	}
}

// runner runs steps of a workflow.
type runner struct {
	*testing.T
	project                    *project
	env                        []string
	log, comment, summary, out string
}

func newRunner(t *testing.T, p *project) *runner {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("gh"), []byte(standIn), 0o755); err != nil {
		t.Fatal(err)
	}
	g := &runner{T: t, project: p, log: at("log"), comment: at("comment"), summary: at("summary"), out: at("output")}
	g.env = append(slices.Clone(p.env), "PATH="+dir+":"+os.Getenv("PATH"), "RUNNER_TEMP="+dir, "GITHUB_STEP_SUMMARY="+g.summary, "GITHUB_OUTPUT="+g.out,
		"GITHUB_REPOSITORY=them/shop", "GH_LOG="+g.log, "GH_COMMENT="+g.comment, "DOCUMENTS=")
	return g
}

// job runs the steps of a job one after another, as GitHub does by `bash -e`, and wants what the last exits with.
func (g *runner) job(steps []workflowStep, code int) {
	g.Helper()
	for _, file := range []string{g.summary, g.out} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			g.Fatal(err)
		}
	}
	for i, step := range steps {
		if step.Run == "" {
			continue
		}
		command := exec.Command("bash", "-e", "-c", step.Run)
		command.Dir, command.Env = g.project.dir, slices.Clone(g.env)
		for name, value := range step.Env {
			command.Env = append(command.Env, name+"="+g.value(value))
		}
		out, err := command.CombinedOutput()
		want := 0
		if i == len(steps)-1 {
			want = code
		}
		if command.ProcessState == nil || command.ProcessState.ExitCode() != want {
			g.Fatalf("%s: %v, want %d\n%s", step.Run, err, want, out)
		}
	}
}

// value is an expression's.
func (g *runner) value(expression string) string {
	output, err := os.ReadFile(g.out)
	if err != nil {
		g.Fatal(err)
	}
	code, _ := strings.CutPrefix(strings.TrimSpace(string(output)), "code=")
	value := strings.NewReplacer("${{ github.base_ref }}", "main", "${{ github.token }}", "token",
		"${{ github.event.pull_request.number }}", "5", "${{ steps.report.outputs.code }}", code).Replace(expression)
	if strings.Contains(value, "${{") {
		g.Fatalf("what is %s?", value)
	}
	return value
}

// wants of gh that it was asked these, of the comment and of the summary that they have a text.
func (g *runner) wants(asked, comment, summary string) {
	g.Helper()
	read := func(file string) string {
		content, err := os.ReadFile(file)
		if err != nil && comment != "" {
			g.Error(err)
		}
		return string(content)
	}
	if log := strings.Join(strings.Fields(read(g.log)), " "); log != asked {
		g.Errorf("gh was asked %q, want %q", log, asked)
	}
	if got := read(g.comment); !strings.Contains(got, comment) || comment == "" && got != "" {
		g.Errorf("the comment has no %q:\n%s", comment, got)
	}
	if got := read(g.summary); !strings.Contains(got, summary) {
		g.Errorf("the summary has no %q:\n%s", summary, got)
	}
}

// TestNewcomerReview asks the data of a server, and its schema, of a change that is not committed.
func TestNewcomerReview(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.shell(t, "git branch -M main && go build -o shop .")
	p.start(t, "serve --store data")
	alice := &visitor{name: "alice", addr: p.addr, names: map[string]string{}}
	alice.signUp(t)
	alice.makes(t, "todo", "createTodo", `title: "one"`)
	endpoint := "http://" + p.addr + "/graphql"
	if out := p.shell(t, "go tool ownql schema --diff "+endpoint); out != "nothing changes" {
		t.Errorf("the server's schema is another: %s", out)
	}
	if out := p.shell(t, "go tool ownql schema --diff http://"+p.addr+"/schema.graphql"); out != "nothing changes" {
		t.Errorf("the server's file is another: %s", out)
	}
	if out := p.shell(t, "go tool ownql schema --lint"); out != "the schema is as Relay expects it" {
		t.Errorf("what Relay would not like of the starter: %s", out)
	}
	p.replace(t, "schema.graphqls", "  done: Boolean!", "  priority: Int!\n  \"Whether.\"\n  done: Boolean!")
	p.shell(t, "go generate ./...")
	if said := p.fails(t, "go tool ownql schema --diff "+endpoint); !strings.Contains(said, "1 breaking change to clients of "+endpoint) {
		t.Errorf("it says %s", said)
	}
	report := p.shell(t, "go tool ownql review --store data --fail-on nothing")
	for _, want := range []string{"**`Todo.priority` is new, and never null**", "The data itself", "refuse priority of table todos: the schema wants it of every item, and some have none"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report has no %q:\n%s", want, report)
		}
	}
	p.stop()
	p.serve(t, "serve --store other --introspection=off")
	if said := p.fails(t, "go tool ownql schema --diff "+endpoint); !strings.Contains(said, "ask "+endpoint+" for its schema: ") {
		t.Errorf("of a server that hides its schema it says %s", said)
	}
}
