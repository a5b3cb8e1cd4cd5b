// Command sums writes sums.bin from the lists of zxcvbn: see package listed.
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/trustelem/zxcvbn/frequency"

	"github.com/ownql/ownql/internal/listed"
)

func main() {
	sums := map[string]bool{}
	for _, list := range frequency.FrequencyLists {
		for _, text := range list {
			sums[listed.SumOf(text)] = true
		}
	}
	if err := os.WriteFile("sums.bin", []byte(strings.Join(slices.Sorted(maps.Keys(sums)), "")), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "sums:", err)
		os.Exit(1)
	}
}
