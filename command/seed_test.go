package command

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/internal/lockfile"
	"github.com/ownql/ownql/model"
)

// runTracker carries out a command line of the tracker, and returns what it prints.
func runTracker(t testing.TB, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	app := App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}
	err := Run(t.Context(), app, args, func(string) string { return "" }, strings.NewReader(""), &out, &errs)
	return out.String(), err
}

// TestSeedRefuses wants of each mistake in a file where it is and what to write, and that nothing is carried out.
func TestSeedRefuses(t *testing.T) {
	const good = "# as ada@example.com\nmutation { acme: createOrganization(input: { name: \"Acme\" }) { organization { id } } }\n"
	data := filepath.Join(t.TempDir(), "data")
	for _, test := range []struct {
		what, text, says string
	}{
		{"syntax", "# as ada@example.com\nmutation {\n  createOrganization(input: { name: }) { organization { id } }\n}", "b.graphql:3:37: Unexpected }"},
		{"a string without an end", "# as ada@example.com\nmutation { createOrganization(input: { name: \"a }) }", "b.graphql:2:53: Unexpected"},
		{"an unknown field", "# as ada@example.com\nmutation {\n  createOrganisation(input: {}) { id }\n}", `b.graphql:3:3: Cannot query field "createOrganisation" on type "Mutation". Did you mean "createOrganization"`},
		{"an unknown field of an input", "# as ada@example.com\nmutation {\n  createOrganization(input: { nam: \"a\" }) { organization { id } }\n}", "b.graphql:3:"},
		{"a value of another type", "# as ada@example.com\nmutation {\n  createOrganization(input: { name: 3 }) { organization { id } }\n}", "b.graphql:3:"},
		{"a query", "# as ada@example.com\n\nquery { viewer { id } }", "b.graphql:3:1: a seed makes data: want a mutation, and not a query"},
		{"a query without a word", "# as ada@example.com\n{ viewer { id } }", "b.graphql:2:1: a seed makes data: want a mutation, and not a query"},
		{"a subscription", "# as ada@example.com\nsubscription { viewer { id } }", "b.graphql:2:"},
		{"nobody", "mutation { createOrganization(input: { name: \"a\" }) { organization { id } } }", "b.graphql:1:1: nobody is named whom it is carried out as: write `# as ada@example.com`"},
		{"somebody below", "mutation { createOrganization(input: { name: \"a\" }) { organization { id } } }\n# as ada@example.com", "b.graphql:1:1: nobody is named"},
		{"somebody in a string", "mutation { createOrganization(input: { name: \"\"\"\n# as ada@example.com\n\"\"\" }) { organization { id } } }", "b.graphql:1:1: nobody is named"},
		{"somebody within an operation", "# as ada@example.com\nmutation {\n  a: createOrganization(input: { name: \"a\" }) { organization { id } }\n  # AS bob@example.com\n  b: createOrganization(input: { name: \"b\" }) { organization { id } }\n}", "b.graphql:4:3: # as bob@example.com: it stands within an operation"},
		{"a carriage return alone", "# as ada@example.com\rmutation { createOrganization(input: { name: \"a\" }) { organization { id } } }", "b.graphql:1: a carriage return alone"},
		{"no address", "# as ada\nmutation { createOrganization(input: { name: \"a\" }) { organization { id } } }", "b.graphql:1:1: # as ada: an email address has the form name@domain"},
		{"no role", "# user eve@example.com Eve, roles: Not_a_role!", "b.graphql:1:1: # user eve@example.com: roles:"},
		{"another name", "# user ada@example.com Ada\n# user ada@example.com Eve", "b.graphql:2:1: ada@example.com has another name at"},
		{"a variable that nothing fills", "# as ada@example.com\nmutation ($acne: ID!) {\n  createProject(input: { organizationId: $acne, name: \"a\" }) { project { id } }\n}", "b.graphql:2:11: nothing fills $acne"},
		{"a variable that something fills later", "# as ada@example.com\nmutation ($later: ID!) {\n  createProject(input: { organizationId: $later, name: \"a\" }) { project { id } }\n  later: createOrganization(input: { name: \"a\" }) { organization { id } }\n}", "b.graphql:2:11: nothing fills $later"},
		{"a variable of another type", "# as ada@example.com\nmutation ($acme: String!) {\n  createProject(input: { organizationId: $acme, name: \"a\" }) { project { id } }\n}", "b.graphql:3:"},
		{"an alias twice", "# as ada@example.com\nmutation ($acme: ID!) {\n  acme: createOrganization(input: { name: \"a\" }) { organization { id } }\n  createProject(input: { organizationId: $acme, name: \"a\" }) { project { id } }\n}", "b.graphql:2:11: $acme could be what is named so at "},
		{"an alias that is a person", "# as eve@example.com\nmutation ($eve: ID!) {\n  eve: createOrganization(input: { name: \"a\" }) { organization { id } }\n  createProject(input: { organizationId: $eve, name: \"a\" }) { project { id } }\n}", "b.graphql:2:11: $eve could be what is named so at "},
		{"no mutation", "# as ada@example.com\nmutation @transaction { __typename }", "b.graphql:2:1: there is no mutation in it"},
		{"a fragment of mutations", "# as ada@example.com\nmutation { ...F }\nfragment F on Mutation { createOrganization(input: { name: \"a\" }) { organization { id } } }", "b.graphql:2:1: write the mutations in it themselves"},
		{"nothing", "", "b.graphql: there is nothing in it"},
		{"nothing but a comment", "# what is to come\n", "b.graphql: there is nothing in it"},
		{"bytes that are no text", "# as ada@example.com\nmutation {\n  \xff }", "b.graphql:3: it is not UTF-8"},
		{"ten megabytes", "# " + strings.Repeat("x", 10<<20), "b.graphql: it has more than 1048576 bytes: divide it"},
		{"a null byte", "# as ada@example.com\nmutation { \x00 }", "b.graphql:2:"},
	} {
		t.Run(test.what, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"a.graphql": good, "b.graphql": test.text} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, err := runTracker(t, "seed", "--dir", dir, "--store", data)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.HasSuffix(err.Error(), "nothing was carried out") {
				t.Errorf("it says %v, want %q, and that nothing was carried out", err, test.says)
			}
			if list, err := runTracker(t, "user", "list", "--json", "--store", data); err != nil || list != "" {
				t.Errorf("there are the users %s, %v", list, err)
			}
		})
	}
}

// TestSeedLinks reads a link to a file as the file, and refuses what is none.
func TestSeedLinks(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "people")
	if err := os.WriteFile(elsewhere, []byte("# user ada@example.com Ada Lovelace"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what, to, says string
	}{
		{"a file", elsewhere, ""},
		{"a directory", filepath.Dir(elsewhere), "people.graphql: want a file with mutations"},
		{"a device", os.DevNull, "people.graphql: want a file with mutations"},
		{"nothing", elsewhere + "x", "people.graphql: it is a link to what is not there"},
	} {
		t.Run(test.what, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Symlink(test.to, filepath.Join(dir, "people.graphql")); err != nil {
				t.Fatal(err)
			}
			out, err := runTracker(t, "seed", "--dir", dir, "--store", filepath.Join(t.TempDir(), "data"))
			if test.says == "" && (err != nil || !strings.Contains(out, "ada@example.com")) || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("it prints %s, and says %v, want %q", out, err, test.says)
			}
		})
	}
}

// TestSeedOwnAccount leaves the account of somebody who had one as it is, and wants the roles that a file names.
func TestSeedOwnAccount(t *testing.T) {
	dir, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "a.graphql"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	app := App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}
	var out bytes.Buffer
	add := []string{"user", "add", "ada@example.com", "--first-name", "Augusta", "--store", data}
	if err := Run(t.Context(), app, add, func(string) string { return "" }, strings.NewReader("nanoseconds, please\n"), &out, &out); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "secret"), []byte("dev has served it"), 0o600); err != nil {
		t.Fatal(err)
	}
	write("# as ada@example.com Ada Lovelace, roles: lead\nmutation { createOrganization(input: { name: \"a\" }) { organization { id } } }")
	if _, err := runTracker(t, "seed", "--dir", dir, "--store", data); err == nil || !strings.Contains(err.Error(), "`user role ada@example.com --add lead` gives it") {
		t.Errorf("without the role: %v", err)
	}
	write("# as ada@example.com Ada Lovelace\nmutation { createOrganization(input: { name: \"a\" }) { organization { id } } }")
	said, err := runTracker(t, "seed", "--dir", dir, "--store", data)
	if err != nil || !strings.Contains(said, "ada@example.com had an account before, and has its own password") || strings.Contains(said, "sign in with") {
		t.Errorf("it prints %s, %v", said, err)
	}
	if list, err := runTracker(t, "user", "list", "--json", "--store", data); err != nil || !strings.Contains(list, `"firstName":"Augusta"`) {
		t.Errorf("the users are %s, %v", list, err)
	}
}

// seedFileOf writes a directory with one file of seed data.
func seedFileOf(t *testing.T, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.graphql"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestSeedNotOfDev refuses a data directory that a server has served which was not dev, or that one has open.
func TestSeedNotOfDev(t *testing.T) {
	dir, data := seedFileOf(t, "# user ada@example.com Ada Lovelace"), filepath.Join(t.TempDir(), "data")
	seed := func(args ...string) (string, error) {
		return runTracker(t, append([]string{"seed", "--dir", dir, "--store", data}, args...)...)
	}
	served, err := (&storeFlags{Store: data}).hold(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = seed()
	if err := served.close(); err != nil {
		t.Fatal(err)
	}
	if err == nil || !strings.Contains(err.Error(), "the server that has it open is not one of dev") {
		t.Errorf("beside a server that is not dev: %v", err)
	}
	if err := noteIsNotOfDev(data); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"--reset"}} {
		if _, err := seed(args...); err == nil || !strings.Contains(err.Error(), "a server that is not one of dev has served it") {
			t.Errorf("seed %v behind a server that was not dev: %v", args, err)
		}
	}
	if _, err := seed("--force", "--password", seedPassword); err == nil || !strings.Contains(err.Error(), "want a --password") {
		t.Errorf("with the password that everybody knows: %v", err)
	}
	if said, err := seed("--force", "--password", "a lantern in the harbour"); err != nil || !strings.Contains(said, "password that you have given as\n  ada@example.com") {
		t.Errorf("forced, it prints %s, %v", said, err)
	}
}

// TestSeedPasswordOfBefore tells of no account from before that it has the password of now, and goes on with none
// that has the one which everybody knows where it is forced.
func TestSeedPasswordOfBefore(t *testing.T) {
	dir, data := seedFileOf(t, "# user ada@example.com Ada Lovelace"), filepath.Join(t.TempDir(), "data")
	seed := []string{"seed", "--dir", dir, "--store", data}
	if said, err := runTracker(t, seed...); err != nil || !strings.Contains(said, "sign in with the password \"correct horse\" as\n  ada@example.com") {
		t.Fatalf("it prints %s, %v", said, err)
	}
	other := append(seed, "--password", "a lantern in the harbour")
	if said, err := runTracker(t, other...); err != nil || strings.Contains(said, "sign in with") || !strings.Contains(said, "made before, password unchanged\n  ada@example.com") {
		t.Errorf("with another password it prints %s, %v", said, err)
	}
	if _, err := runTracker(t, append(other, "--force")...); err == nil || !strings.Contains(err.Error(), "`user password ada@example.com` sets another") {
		t.Errorf("forced: %v", err)
	}
	roles := seedFileOf(t, "# user ada@example.com Ada Lovelace, roles: lead")
	if _, err := runTracker(t, "seed", "--dir", roles, "--store", data); err == nil || !strings.Contains(err.Error(), "--add lead` gives it") {
		t.Errorf("with a role that was added: %v", err)
	}
}

// TestSeedResetRefuses moves no data where it can be told before that nothing could be carried out.
func TestSeedResetRefuses(t *testing.T) {
	dir, data := seedFileOf(t, "# user ada@example.com Ada Lovelace"), filepath.Join(t.TempDir(), "data")
	if _, err := runTracker(t, "seed", "--dir", dir, "--store", data); err != nil {
		t.Fatal(err)
	}
	for says, args := range map[string][]string{
		"nothing fills $acme":             {"--dir", seedFileOf(t, "# as ada@example.com\nmutation ($acme: ID!) { createProject(input: { organizationId: $acme, name: \"a\" }) { project { id } } }")},
		"there is no file with mutations": {"--dir", filepath.Join(dir, "none")},
		"a password has at least":         {"--dir", dir, "--password", "short"},
	} {
		_, err := runTracker(t, append([]string{"seed", "--reset", "--store", data}, args...)...)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("it says %v, want %q", err, says)
		}
	}
	if asides, _ := filepath.Glob(filepath.Join(data, "before-seed-*")); len(asides) > 0 {
		t.Errorf("it has moved the data into %v", asides)
	}
}

// TestSeedResetDamaged moves aside what cannot be opened, or has no tables yet.
func TestSeedResetDamaged(t *testing.T) {
	dir := seedFileOf(t, "# user ada@example.com Ada Lovelace")
	for what, text := range map[string]string{"damaged": strings.Repeat("damaged ", 4096), "empty": ""} {
		t.Run(what, func(t *testing.T) {
			data := t.TempDir()
			for name, text := range map[string]string{"dynamodb.bolt": text, "secret": "dev has served it"} {
				if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if what == "empty" {
				os.Remove(filepath.Join(data, "secret"))
			}
			if said, err := runTracker(t, "seed", "--reset", "--dir", dir, "--store", data); err != nil || !strings.Contains(said, "before-seed-") {
				t.Errorf("it prints %s, %v", said, err)
			}
		})
	}
}

// TestSeedRefused forgets that a mutation was begun which was refused, so it may be taken out of the file.
func TestSeedRefused(t *testing.T) {
	const good = `# as ada@example.com
mutation Acme {
  acme: createOrganization(input: { name: "Acme" }) { organization { id } }
}
mutation ToLinus($acme: ID!) {
  toLinus: createInvitation(input: { organizationId: $acme, email: "linus@example.com" }) { invitation { id } }
}
`
	dir, data := seedFileOf(t, good+`# as eve@example.com
mutation Accept($toLinus: ID!) { acceptInvitation(input: { id: $toLinus }) { membership { id } } }
`), filepath.Join(t.TempDir(), "data")
	for range 2 {
		_, err := runTracker(t, "seed", "--dir", dir, "--store", data)
		if err == nil || !strings.Contains(err.Error(), "acceptInvitation as eve@example.com") || strings.Contains(err.Error(), "an earlier run") {
			t.Errorf("a mutation that is refused: %v", err)
		}
	}
	if said, err := runTracker(t, "seed", "--dir", seedFileOf(t, good), "--store", data); err != nil {
		t.Errorf("without it: %s, %v", said, err)
	}
}

// TestSeedBegunAsNone carries a mutation out that was begun before it was one of those that can be in a transaction.
func TestSeedBegunAsNone(t *testing.T) {
	dir, data := seedFileOf(t, "# as ada@example.com\nmutation { createOrganization(input: { name: \"a\" }) { organization { id } } }"), filepath.Join(t.TempDir(), "data")
	if _, err := runTracker(t, "seed", "--dir", seedFileOf(t, "# user ada@example.com"), "--store", data); err != nil {
		t.Fatal(err)
	}
	f := &storeFlags{Store: data}
	c, err := f.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	app := App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}
	begun := model.SeedMark{Of: "a.graphql#0", At: model.Now()}
	err = errors.Join(f.opened(&environment{project: app.project()}, c).db.SetSeedMark(t.Context(), nil, begun), c.close())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a.graphql: 1 mutation", "a.graphql: done before"} {
		if said, err := runTracker(t, "seed", "--dir", dir, "--store", data); err != nil || !strings.Contains(said, want) {
			t.Errorf("it prints %s, %v, want %q", said, err, want)
		}
	}
}

// TestSeedLock leaves a data directory alone that another seed is at.
func TestSeedLock(t *testing.T) {
	dir, data := seedFileOf(t, "# user ada@example.com"), t.TempDir()
	lock, err := lockfile.Lock(filepath.Join(data, "seed.lock"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runTracker(t, "seed", "--dir", dir, "--store", data); err == nil || !strings.Contains(err.Error(), "another seed is at it") {
		t.Errorf("beside another: %v", err)
	}
	lock.Close()
	if said, err := runTracker(t, "seed", "--dir", dir, "--store", data); err != nil {
		t.Errorf("behind it: %s, %v", said, err)
	}
}

// TestIsLocalEndpoint tells DynamoDB Local from what the SDK asks on AWS.
func TestIsLocalEndpoint(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{}, false},
		{map[string]string{"AWS_ENDPOINT_URL": "http://localhost:8000"}, true},
		{map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000"}, true},
		{map[string]string{"AWS_ENDPOINT_URL": "http://localhost:8000", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, false},
		{map[string]string{"AWS_ENDPOINT_URL": "https://dynamodb.eu-central-1.amazonaws.com"}, false},
	} {
		if got := isLocalEndpoint(func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("%v: %v, want %v", test.env, got, test.want)
		}
	}
}
