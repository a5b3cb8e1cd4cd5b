package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// A contestant is a kind of server that is measured. Each has a file of its own.
type contestant struct {
	name string // as the table has it
	// start starts what serves, as processes of their own, in a place of its own.
	start func(context.Context, *place) (*server, error)
}

// A server is a contestant that answers.
type server struct {
	questions []question
	url       string // of a server of GraphQL
	load      load   // nil: by wrk
	*place
	name string
}

// A load has a server answer for a while, with so many requests at once.
type load interface {
	take(ctx context.Context, d time.Duration, connections int) (turn, error)
}

// A race has servers answer the same in turns.
type race struct {
	contestants []contestant // the first is whom the ratios are of
	connections []int
	memoryAt    int // connections at which memory is looked at; 0: none
}

// A result is what a server did in all its turns.
type result struct {
	name  string
	turns []turn
}

// run starts all, wants the right answer to each question, has them take turns, and prints a table for each number
// of connections.
func (r race) run(ctx context.Context, b *bench) (err error) {
	var servers []*server
	defer func() {
		for _, s := range servers {
			if stopErr := s.stop(); stopErr != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", s.name, stopErr))
			}
		}
	}()
	for _, c := range r.contestants {
		s, err := b.begin(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		servers = append(servers, s)
	}
	for _, connections := range r.connections {
		results, err := takeTurns(ctx, servers, b.rounds, b.turn, connections, connections == r.memoryAt)
		if err != nil {
			return err
		}
		printTable(b.stdout, results, connections)
	}
	return nil
}

// begin starts a contestant, and asks it everything once.
func (b *bench) begin(ctx context.Context, c contestant) (*server, error) {
	began := time.Now()
	at, err := b.newPlace()
	if err != nil {
		return nil, err
	}
	s, err := c.start(ctx, at)
	if err != nil {
		return nil, errors.Join(err, at.stop())
	}
	s.name, s.place = c.name, at
	if err := s.verify(ctx); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if s.load == nil {
		if s.load, err = newWrk(at.dir, s.questions); err != nil {
			return nil, errors.Join(err, s.stop())
		}
	}
	fmt.Fprintf(b.stderr, "%s answers rightly, after %v\n", c.name, time.Since(began).Round(time.Millisecond))
	return s, nil
}

// verify asks everything, and wants what is right.
func (s *server) verify(ctx context.Context) error {
	for _, q := range s.questions {
		answer, err := q.ask(ctx, http.DefaultClient)
		if err == nil {
			err = q.check(answer)
		}
		if err != nil {
			return fmt.Errorf("%s %s %.300s: %w: %.500s", q.method, q.url, q.body, err, answer)
		}
	}
	return nil
}

// takeTurns asks the servers one after the other, for a turn each, round after round. Each round begins
// with the next server, so that none always comes after the same. Before the first, each has a turn that is not
// counted.
func takeTurns(ctx context.Context, servers []*server, rounds int, d time.Duration, connections int, withMemory bool) ([]*result, error) {
	results := make([]*result, len(servers))
	for i, s := range servers {
		results[i] = &result{name: s.name}
		if _, err := s.load.take(ctx, d, connections); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for round := range rounds {
		for i := range servers {
			i = (i + round) % len(servers)
			took, err := servers[i].take(ctx, d, connections, withMemory)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", servers[i].name, err)
			}
			results[i].turns = append(results[i].turns, took)
		}
	}
	return results, nil
}

// take asks a server for a turn, and looks at the time that its processes use and, where that is wanted, at their
// memory.
func (s *server) take(ctx context.Context, d time.Duration, connections int, withMemory bool) (turn, error) {
	before, err := s.cpuTime()
	if err != nil {
		return turn{}, err
	}
	var looking errgroup.Group
	peak, looks, stop := 0, ctx, func() {}
	if withMemory {
		looks, stop = context.WithCancel(ctx)
		looking.Go(func() (err error) {
			peak, err = s.peakMemory(looks)
			return err
		})
	}
	took, err := s.load.take(ctx, d, connections)
	stop()
	if err := errors.Join(err, looking.Wait()); err != nil {
		return turn{}, err
	}
	after, err := s.cpuTime()
	took.memory, took.cpu = peak, float64(after-before)/float64(took.requests)
	return took, err
}

// ask sends a request, and reads the answer whole, whose status must be 200.
func (q question) ask(ctx context.Context, client *http.Client) ([]byte, error) {
	answer, status, err := q.send(ctx, client)
	if err == nil && status != http.StatusOK {
		err = errors.New(http.StatusText(status))
	}
	return answer, err
}

// send sends a request, and reads the answer whole.
func (q question) send(ctx context.Context, client *http.Client) (answer []byte, status int, err error) {
	request, err := q.request(ctx)
	if err != nil {
		return nil, 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return answer, response.StatusCode, err
}
