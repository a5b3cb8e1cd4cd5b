package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// printTable prints the results as a table of Markdown. The first result is what the ratios are of: the median of
// those of each round.
func printTable(w io.Writer, results []*result, connections int) {
	first := results[0]
	withMemory := first.turns[0].memory > 0
	fmt.Fprintf(w, "| %s | requests/s | p50 | p99 | processor, a request |", plural(connections, "connection"))
	if withMemory {
		fmt.Fprint(w, " anonymous memory |")
	}
	fmt.Fprintf(w, " %s answers so many times as many | its p99, by this one's |\n|---|---:|---:|---:|---:|", first.name)
	if withMemory {
		fmt.Fprint(w, "---:|")
	}
	fmt.Fprintln(w, "---:|---:|")
	for _, r := range results {
		fmt.Fprintf(w, "| %s | %.0f | %s | %s | %.0f µs |", r.name,
			r.median(func(t turn) float64 { return t.rate }),
			milliseconds(r.median(func(t turn) float64 { return float64(t.p50) })),
			milliseconds(r.median(func(t turn) float64 { return float64(t.p99) })),
			r.median(func(t turn) float64 { return t.cpu })/1e3)
		if withMemory {
			fmt.Fprintf(w, " %.1f MB |", r.median(func(t turn) float64 { return float64(t.memory) })/1e6)
		}
		fmt.Fprintf(w, " %.2f | %.2f |\n",
			first.ratio(r, func(t turn) float64 { return t.rate }),
			first.ratio(r, func(t turn) float64 { return float64(t.p99) }))
	}
	busiest := slices.MaxFunc(results, func(a, b *result) int {
		return cmp.Compare(a.median(clientShare), b.median(clientShare))
	})
	fmt.Fprintf(w, "\nwrk used its processor for %.0f %% of the time at the most, with %s.\n\n", 100*busiest.median(clientShare), busiest.name)
}

func clientShare(t turn) float64 { return t.client }

// median returns the median of a figure of all turns.
func (r *result) median(of func(turn) float64) float64 {
	values := make([]float64, len(r.turns))
	for i, t := range r.turns {
		values[i] = of(t)
	}
	return median(values)
}

// ratio returns the median, over the rounds, of r's figure by the other's.
func (r *result) ratio(other *result, of func(turn) float64) float64 {
	values := make([]float64, len(r.turns))
	for i, t := range r.turns {
		values[i] = of(t) / of(other.turns[i])
	}
	return median(values)
}

func median[T cmp.Ordered](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

func milliseconds(nanoseconds float64) string {
	return fmt.Sprintf("%.2f ms", nanoseconds/float64(time.Millisecond))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
