package dynamolocal

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// testdata/faults.txt has, for each operation, what can be wrong with a request, in AWS's order.

// TestFaults makes every request with two of the faults, and some with three, and fails where the
// answer is not that of the first of them alone.
func TestFaults(t *testing.T) {
	for _, block := range faultBlocks(t) {
		t.Run(block.name, func(t *testing.T) {
			ask := faultyTables(t)
			alone := make([]string, len(block.faults))
			for i := range block.faults {
				if alone[i] = ask(block.request(i)); strings.HasPrefix(alone[i], "ok") {
					t.Errorf("%s is no fault", block.faults[i].text)
				}
			}
			block.combinations(100, func(faults ...int) {
				if got, want := ask(block.request(faults...)), alone[faults[0]]; got != want {
					t.Errorf("%s\nwant %s\ngot  %s", block.texts(faults), want, got)
				}
			})
			if got := ask(block.request()); got != "ok" {
				t.Errorf("without a fault: %s", got)
			}
		})
	}
}

// faultyTables are the tables of the requests, and what asks for them.
func faultyTables(t *testing.T) (ask func(text string) string) {
	server := httptest.NewServer(openTemp(t).Handler())
	t.Cleanup(server.Close)
	ask = func(text string) string { return send(t, server.URL, text) }
	for _, text := range faultyTableRequests {
		if got := ask(text); got != "ok" {
			t.Fatalf("%s: %s", text, got)
		}
	}
	return ask
}

var faultyTableRequests = []string{
	`> CreateTable {"TableName":"things","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"r","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"l","AttributeType":"S"}],
		"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],
		"GlobalSecondaryIndexes":[{"IndexName":"gix","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
		"LocalSecondaryIndexes":[{"IndexName":"lix","KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]}`,
	`> PutItem {"TableName":"things","Item":{"id":{"S":"a"},"r":{"S":"a"}}}`,
}

// A faultBlock is a request and what can be wrong with it.
type faultBlock struct {
	name      string
	operation string
	body      string
	faults    []fault
}

type fault struct {
	text  string
	edits []faultEdit
	local string // DynamoDB Local's answer, where it says something else
}

// A faultEdit puts a value, or nothing if it is empty, where a path of member names and indexes leads.
type faultEdit struct {
	path  []string
	value string
}

func faultBlocks(t *testing.T) []*faultBlock {
	t.Helper()
	data, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []*faultBlock
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "> "):
			b := &faultBlock{}
			b.operation, b.body, _ = strings.Cut(line[2:], " ")
			b.name = b.operation + strconv.Itoa(len(blocks))
			blocks = append(blocks, b)
		case strings.HasPrefix(line, "<local "):
			b := blocks[len(blocks)-1]
			b.faults[len(b.faults)-1].local = line[len("<local "):]
		default:
			f := fault{text: line}
			for part := range strings.SplitSeq(line, " & ") {
				path, value, _ := strings.Cut(part, "=")
				f.edits = append(f.edits, faultEdit{strings.Split(path, "."), expand(value)})
			}
			b := blocks[len(blocks)-1]
			b.faults = append(b.faults, f)
		}
	}
	return blocks
}

// request is the block's, with some of its faults.
func (b *faultBlock) request(faults ...int) string {
	var tree any
	if err := json.Unmarshal([]byte(b.body), &tree); err != nil {
		panic(b.body)
	}
	for _, i := range faults {
		for _, e := range b.faults[i].edits {
			tree = e.apply(tree, e.path)
		}
	}
	body, err := json.Marshal(tree)
	if err != nil {
		panic(err)
	}
	return "> " + b.operation + " " + string(body)
}

func (b *faultBlock) texts(faults []int) string {
	var texts []string
	for _, i := range faults {
		texts = append(texts, b.faults[i].text)
	}
	return strings.Join(texts, "\n")
}

// combinations calls do with every two faults that go together, in their order, and then with so many
// threes, always the same.
func (b *faultBlock) combinations(threes int, do func(faults ...int)) {
	n := len(b.faults)
	for i := range n {
		for j := i + 1; j < n; j++ {
			if b.goTogether(i, j) {
				do(i, j)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range threes {
		three := random.Perm(n)[:3]
		slices.Sort(three)
		if b.goTogether(three...) {
			do(three...)
		}
	}
}

// goTogether is whether no fault edits what another does.
func (b *faultBlock) goTogether(faults ...int) bool {
	paths := map[string]int{}
	for _, i := range faults {
		for _, e := range b.faults[i].edits {
			path := strings.Join(e.path, ".") + "."
			for other, j := range paths {
				if i != j && (strings.HasPrefix(path, other) || strings.HasPrefix(other, path)) {
					return false
				}
			}
			paths[path] = i
		}
	}
	return true
}

// apply is the tree with the edit made.
func (e faultEdit) apply(tree any, path []string) any {
	if len(path) == 0 {
		var value any
		if err := json.Unmarshal([]byte(e.value), &value); err != nil {
			panic(e.value)
		}
		return value
	}
	switch tree := tree.(type) {
	case map[string]any:
		changed := maps.Clone(tree)
		if e.value == "" && len(path) == 1 {
			delete(changed, path[0])
		} else {
			changed[path[0]] = e.apply(tree[path[0]], path[1:])
		}
		return changed
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil {
			panic(path[0])
		}
		changed := slices.Clone(tree)
		changed[i] = e.apply(tree[i], path[1:])
		return changed
	}
	panic(e.value)
}
