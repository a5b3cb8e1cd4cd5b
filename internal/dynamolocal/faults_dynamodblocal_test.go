//go:build dynamodblocal

package dynamolocal

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

var faultsFlag = flag.Int("faults", 40, "how many requests with several faults to compare, of each block of testdata/faults.txt")

// TestFaultsDynamoDBLocal compares the answers to each of the faults alone with DynamoDB Local's, and
// gives it requests with two and three of them, which it must refuse for one of these. In which order
// it looks is its own, and so is that it looks for the table first.
func TestFaultsDynamoDBLocal(t *testing.T) {
	client := dynamoDBLocal(t)
	url := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	defer deleteTables(t, client)
	texts := readLocalTexts(t)
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	for _, block := range faultBlocks(t) {
		t.Run(block.name, func(t *testing.T) {
			anew := func() {
				deleteTables(t, client)
				for _, text := range faultyTableRequests {
					if got := send(t, url, text); got != "ok" {
						t.Fatalf("%s: %s", text, got)
					}
				}
			}
			anew()
			ask := faultyTables(t)
			local := make([]string, len(block.faults))
			for i, f := range block.faults {
				if local[i] = send(t, url, block.request(i)); local[i] == "ok" {
					anew()
				}
				if want := ask(block.request(i)); !texts.same(want, local[i]) && f.local == "" || f.local != "" && local[i] != f.local {
					t.Errorf("%s\naws   %s\nlocal %s", f.text, want, local[i])
				}
			}
			var several [][]int
			block.combinations(len(block.faults), func(faults ...int) {
				if !slices.ContainsFunc(faults, func(i int) bool { return block.faults[i].local != "" }) {
					several = append(several, faults)
				}
			})
			random := rand.New(rand.NewPCG(seed, 0))
			for range min(*faultsFlag, len(several)) {
				faults := several[random.IntN(len(several))]
				got := send(t, url, block.request(faults...))
				if got == "ok" {
					anew()
				}
				if !slices.ContainsFunc(faults, func(i int) bool { return local[i] == got }) {
					t.Errorf("-seed %d: %s\ngot %s", seed, block.texts(faults), got)
				}
			}
		})
	}
}
