package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// A result is what a server did in all its turns.
type result struct {
	name      string
	rates     []float64       // requests a second, of each turn
	latencies []time.Duration // of all requests, sorted
}

// takeTurns asks the servers one after the other, for a turn each, round after round. Each round begins
// with the next server, so that none always comes after the same.
func takeTurns(ctx context.Context, servers []*server, pages []page, rounds int, turn time.Duration, connections int) ([]*result, error) {
	results := make([]*result, len(servers))
	for i, s := range servers {
		results[i] = &result{name: s.name}
	}
	for round := range rounds {
		for i := range servers {
			i = (i + round) % len(servers)
			if err := results[i].take(ctx, servers[i], turn, connections); err != nil {
				return nil, fmt.Errorf("%s: %w", servers[i].name, err)
			}
		}
	}
	for _, r := range results {
		slices.Sort(r.latencies)
	}
	return results, nil
}

// take asks a server for pages at random over so many connections, for as long as a turn is.
func (r *result) take(ctx context.Context, s *server, turn time.Duration, connections int) error {
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,
		DisableCompression:  true,
	}}
	defer client.CloseIdleConnections()
	group, ctx := errgroup.WithContext(ctx)
	each := make([][]time.Duration, connections)
	began := time.Now()
	for c := range connections {
		group.Go(func() error {
			for time.Since(began) < turn {
				i := rand.IntN(len(s.questions))
				asked := time.Now()
				answer, err := ask(ctx, client, s.questions[i])
				if err != nil {
					return err
				}
				each[c] = append(each[c], time.Since(asked))
				if len(answer) != s.sizes[i] {
					return fmt.Errorf("an answer of %d bytes, which had %d before: %.500s", len(answer), s.sizes[i], answer)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	took := time.Since(began)
	all := slices.Concat(each...)
	r.rates = append(r.rates, float64(len(all))/took.Seconds())
	r.latencies = append(r.latencies, all...)
	return nil
}

// ask sends a request, and reads the answer whole.
func ask(ctx context.Context, client *http.Client, q question) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, q.method, q.url, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	request.Header = q.header
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	return readAll(answer)
}
