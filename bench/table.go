package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// printTable prints the results as a table of Markdown. The first result is what the ratios are of.
func printTable(w io.Writer, results []*result, connections int) {
	fmt.Fprintf(w, "| %s | requests/s | median | p99 | %s answers so many times as many |\n|---|---:|---:|---:|---:|\n",
		plural(connections, "connection"), results[0].name)
	for _, r := range results {
		ratios := make([]float64, len(r.rates))
		for i, rate := range r.rates {
			ratios[i] = results[0].rates[i] / rate
		}
		fmt.Fprintf(w, "| %s | %.0f | %s | %s | %.2f |\n", r.name, median(r.rates),
			milliseconds(r.quantile(0.5)), milliseconds(r.quantile(0.99)), median(ratios))
	}
	fmt.Fprintln(w)
}

// quantile returns the latency that this share of the requests did not exceed.
func (r *result) quantile(share float64) time.Duration {
	return r.latencies[min(len(r.latencies)-1, int(share*float64(len(r.latencies))))]
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
