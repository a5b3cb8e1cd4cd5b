package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/modelgen"
)

// reviewed is a project's schema, of which tests change something.
const reviewed = `interface Node {
  id: ID!
}

type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  viewer: User
}

type User implements Node {
  id: ID!
}

type Post implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  title: String!
}
`

// newRepository makes a git repository, with a project in its directory api, and returns where that is.
func newRepository(t *testing.T) (project string) {
	t.Helper()
	root := t.TempDir()
	project = filepath.Join(root, "a b", "api")
	if err := os.MkdirAll(project, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, project, "gqlgen.yml", "schema: [graph/schema.graphqls]\n")
	write(t, project, "go.mod", "module example.com/api\n\ngo 1.26.0\n\nreplace example.com/a => ../../lib\n\nreplace example.com/b => ../../../beside\n")
	changeSchema(t, project, "", "")
	gitIn(t, root, "init", "-q", "-b", "main")
	commit(t, project)
	return project
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// changeSchema writes schema.graphqls with something else in it, and what is generated of that.
func changeSchema(t *testing.T, project, old, new string) {
	t.Helper()
	write(t, project, "schema.graphqls", strings.Replace(reviewed, old, new, 1))
	if err := modelgen.Expand(project); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, project string) {
	t.Helper()
	gitIn(t, project, "add", "-A")
	gitIn(t, project, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "--allow-empty", "-m", "a change")
}

func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	git := exec.Command("git", args...)
	git.Dir = dir
	out, err := git.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestReview reviews changes of a project in a git repository.
func TestReview(t *testing.T) {
	for _, test := range []struct {
		what     string
		old, new string
		args     []string
		code     int
		says     []string
		saysNot  string
	}{
		{"nothing", "", "", nil, 0, []string{"Nothing changes", "`main` ("}, "###"},
		{"what breaks", "title: String!", "name: String!", nil, 1, []string{"### API", "`Post.title`: the field is gone", "the API breaks clients", "**`Post.name` is new, and never null**"}, "### Who"},
		{"what breaks, and may", "title: String!", "name: String!", []string{"--fail-on", "nothing"}, 0, []string{"`Post.title`: the field is gone"}, "### Who"},
		{"wider rights", "[{ allow: owner }]", "[{ allow: owner }, { allow: public, operations: [read] }]", nil, 0, []string{"**Everybody may now read `Post`.**"}, "**Breaking**"},
		{"wider rights, that fail", "[{ allow: owner }]", "[{ allow: owner }, { allow: authenticated, operations: [update] }]", []string{"--fail-on", "widening"}, 1,
			[]string{"**Whoever is signed in may now update `Post`.**", "the rules give somebody what they did not"}, "### Data"},
		{"an index", "title: String!", `title: String! @index(queryField: "postsByTitle")`, []string{"--base", "main"}, 0, []string{"an index of `posts`", "`ownql tables --fill`"}, "**Breaking**"},
		{"another base", "", "", []string{"--base", "nowhere"}, 1, []string{"--base nowhere: there is no such commit here: fetch it first"}, "###"},
		{"a prefix without a store", "", "", []string{"--table-prefix", "a"}, 2, []string{"--table-prefix goes with --store"}, "###"},
		{"another reason to fail", "", "", []string{"--fail-on", "rain"}, 2, []string{"--fail-on"}, "###"},
	} {
		t.Run(test.what, func(t *testing.T) {
			project := newRepository(t)
			gitIn(t, project, "checkout", "-q", "-b", "change")
			changeSchema(t, project, test.old, test.new)
			before := gitIn(t, project, "status", "--porcelain")
			temporary := t.TempDir()
			t.Setenv("TMPDIR", temporary)
			checkReview(t, append([]string{"review", project}, test.args...), test.code, test.says, test.saysNot)
			if after := gitIn(t, project, "status", "--porcelain"); after != before {
				t.Errorf("the working tree was\n%sand is\n%s", before, after)
			}
			if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
				t.Errorf("it leaves %v, %v", left, err)
			}
		})
	}
}

func checkReview(t *testing.T, args []string, code int, says []string, saysNot string) {
	t.Helper()
	var out strings.Builder
	got := run(t.Context(), args, strings.NewReader(""), &out, &out)
	isUnsaid := func(text string) bool { return !strings.Contains(out.String(), text) }
	if got != code || slices.ContainsFunc(says, isUnsaid) || !isUnsaid(saysNot) {
		t.Errorf("exit code %d, want %d, with %q and without %q:\n%s", got, code, says, saysNot, out.String())
	}
}

// TestReviewForked compares with where a change has left the base, not with what that has got since.
func TestReviewForked(t *testing.T) {
	project := newRepository(t)
	gitIn(t, project, "checkout", "-q", "-b", "change")
	changeSchema(t, project, "title: String!", "title: String!\n  text: String")
	commit(t, project)
	gitIn(t, project, "checkout", "-q", "main")
	changeSchema(t, project, "title: String!", "title: String!\n  more: String")
	commit(t, project)
	gitIn(t, project, "checkout", "-q", "change")
	checkReview(t, []string{"review", project}, 0, []string{"`Post.text`: the field is new"}, "more")
}

// TestReviewGo tells of rules that are written in Go from now on.
func TestReviewGo(t *testing.T) {
	project := newRepository(t)
	write(t, project, "store/rules.go", `package store

import "github.com/ownql/ownql/model"

func (s *Store) PostRules(rules []model.Rule) []model.Rule { return nil }
`)
	checkReview(t, []string{"review", project, "--fail-on", "widening"}, 1, []string{"**`PostRules` of Store, in Go, decides now who may do what with `Post`**"}, "Nothing")
	commit(t, project)
	checkReview(t, []string{"review", project}, 0, []string{"Nothing changes"}, "PostRules")
	rules := func(body string) {
		write(t, project, "store/rules.go", "package store\n\nimport \"github.com/ownql/ownql/model\"\n\n"+
			"// PostRules are those of the schema, or not.\nfunc (s *Store) PostRules(rules []model.Rule) []model.Rule {\n"+body+"}\n")
	}
	rules("\t// No more.\n\treturn   nil\n")
	checkReview(t, []string{"review", project, "--fail-on", "widening"}, 0, []string{"Nothing changes in the API, the rules of schema.graphqls,"}, "PostRules")
	rules("\treturn rules\n")
	checkReview(t, []string{"review", project, "--fail-on", "widening"}, 1, []string{"**1 change beside the rules**", "**`PostRules` of Store, in Go, decides otherwise"}, "Nothing changes")
	rules("\treturn nil\n")
	changeSchema(t, project, "[{ allow: owner }]", "[{ allow: public }]")
	checkReview(t, []string{"review", project}, 0, []string{"**Everybody may now", "In Go, `PostRules` of Store may decide otherwise"}, "decides now")
	changeSchema(t, project, "", "")
	if err := os.Remove(filepath.Join(project, "store/rules.go")); err != nil {
		t.Fatal(err)
	}
	checkReview(t, []string{"review", project}, 0, []string{"decides no more", "**1 change beside the rules**"}, "Nothing")
}

// TestReviewHook reviews a project as a hook of another repository, whose variables git gives to hooks.
func TestReviewHook(t *testing.T) {
	project, other := newRepository(t), t.TempDir()
	gitIn(t, other, "init", "-q", "-b", "other")
	gitIn(t, other, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "--allow-empty", "-m", "another")
	changeSchema(t, project, "title: String!", "title: String!\n  text: String")
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	t.Setenv("GIT_WORK_TREE", other)
	t.Setenv("GIT_PREFIX", "a/")
	t.Setenv("GIT_INDEX_FILE", filepath.Join(other, ".git/index"))
	checkReview(t, []string{"review", project}, 0, []string{"`Post.text`: the field is new"}, "**Breaking**")
}

// TestReviewShallow asks for the commits that a clone has not.
func TestReviewShallow(t *testing.T) {
	project := newRepository(t)
	gitIn(t, project, "checkout", "-q", "-b", "change")
	commit(t, project)
	gitIn(t, project, "checkout", "-q", "main")
	changeSchema(t, project, "title: String!", "title: String!\n  more: String")
	commit(t, project)
	clone := filepath.Join(t.TempDir(), "clone")
	gitIn(t, project, "clone", "-q", "--depth", "1", "--no-single-branch", "-b", "change", "file://"+filepath.Join(project, "../.."), clone)
	checkReview(t, []string{"review", filepath.Join(clone, "a b/api")}, 1, []string{"this clone is shallow", "--unshallow"}, "###")
}

// TestReviewFirst reviews a project that is new, and one in no repository.
func TestReviewFirst(t *testing.T) {
	project := newRepository(t)
	gitIn(t, project, "rm", "-q", "--cached", "schema.graphqls")
	gitIn(t, project, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "nothing yet")
	checkReview(t, []string{"review", project}, 0, []string{"Everything is new", "nothing to compare with"}, "###")
	checkReview(t, []string{"review", project, "--fail-on", "widening"}, 1, []string{"Everything is new", "the rules are not compared"}, "###")

	if err := os.RemoveAll(filepath.Join(project, "../../.git")); err != nil {
		t.Fatal(err)
	}
	checkReview(t, []string{"review", project}, 1, []string{"is in no git repository"}, "###")
}

// TestReviewUpgrade compares what is generated where the older schema is one that ownql took once, and takes no more.
func TestReviewUpgrade(t *testing.T) {
	project := newRepository(t)
	write(t, project, "schema.graphqls", strings.Replace(reviewed, "@model", "@model(sideways: true)", 1))
	commit(t, project)
	changeSchema(t, project, "title: String!", "title: String")
	checkReview(t, []string{"review", project}, 1, []string{"The API alone is compared", "schema.graphqls:15:", "`Post.title`: it is String now"}, "### Data")
	changeSchema(t, project, "", "")
	checkReview(t, []string{"review", project}, 0, []string{"The API alone is compared", "Nothing changes in the API.\n"}, "###")
}

// TestReviewStale tells of what is generated and is not what the schema gives, and asks a program for nothing then.
func TestReviewStale(t *testing.T) {
	project := newRepository(t)
	write(t, project, "schema.graphqls", strings.Replace(reviewed, "title: String!", "title: String!\n  text: String", 1))
	checkReview(t, []string{"review", project}, 0, []string{"`go generate ./...` was not run", "graph/schema.graphqls"}, "Nothing")
	checkReview(t, []string{"review", project, "--store", t.TempDir()}, 1, []string{"run go generate ./... first"}, "###")
}

// TestSchemaDiff compares the public schema with a file.
func TestSchemaDiff(t *testing.T) {
	project := newRepository(t)
	var public strings.Builder
	if code := run(t.Context(), []string{"schema", project}, nil, &public, &public); code != 0 {
		t.Fatal(public.String())
	}
	file := filepath.Join(t.TempDir(), "a.graphql")
	for _, test := range []struct {
		old, new string
		args     []string
		code     int
		says     string
	}{
		{"", "", nil, 0, "nothing changes"},
		{"\n  title: String!\n  \"The", "\n  title: String!\n  text: String\n  \"The", nil, 1, "breaking: 1\n  Post.text: the field is gone: documents that select it are refused\n1 breaking change to clients of "},
		{"\n  title: String!\n  \"The", "\n  title: String\n  \"The", nil, 0, "safe: 1\n  Post.title: it is String! now"},
		{"type Post ", "typo Post ", nil, 1, "a.graphql:"},
		{"", "", []string{"--header", "A: b"}, 2, "--header goes with --diff and the URL"},
		{"", "", []string{"--diff", "http://127.0.0.1:1/graphql", "--header", "secret"}, 2, "write a name and a value"},
		{"", "", []string{"--diff", "gopher://a"}, 2, "https://example.com/graphql"},
	} {
		if err := os.WriteFile(file, []byte(strings.Replace(public.String(), test.old, test.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"schema", project, "--diff", file}, test.args...)
		if len(test.args) > 0 && test.args[0] == "--header" {
			args = append([]string{"schema", project}, test.args...)
		}
		checkReview(t, args, test.code, []string{test.says}, "secret")
	}
}

// TestSchemaLint finds nothing in what is generated, and tells of what is written by hand where that is.
func TestSchemaLint(t *testing.T) {
	project := newRepository(t)
	checkReview(t, []string{"schema", project, "--lint"}, 0, []string{"as Relay expects it"}, "schema.graphqls:")
	write(t, project, "schema.graphqls", reviewed+"\ntype Weather {\n  id: ID!\n  best(last: Int): PostConnection!\n}\n")
	checkReview(t, []string{"schema", project, "--lint"}, 1, []string{
		"schema.graphqls:21:3: Weather.id: Relay takes what has an id for what node gives",
		"schema.graphqls:22:8: Weather.best(last:): Relay gives it with before",
		"2 findings",
	}, "graph/")
	checkReview(t, []string{"schema", project, "--lint", "--diff", "a"}, 2, []string{"--lint"}, "findings")
}
