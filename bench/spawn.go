package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"
)

// spawns is how often each server is started.
const spawns = 20

// measureSpawn measures how long a process takes to its first right answer, on data that is there. Of ownql that is
// a store that was served before.
func measureSpawn(ctx context.Context, b *bench) (err error) {
	d, err := b.dataset(ctx, minObjects)
	if err != nil {
		return err
	}
	type spawned struct {
		graphQLServer
		*place
		addr   string
		serves program
		took   []time.Duration
	}
	all := []*spawned{{graphQLServer: ownql("ownql")}, {graphQLServer: plain("plain gqlgen")}, {graphQLServer: mercurius()}, {graphQLServer: apollo()}}
	for _, s := range all {
		if s.place, err = b.newPlace(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		if s.addr, err = freeAddress(); err != nil {
			return err
		}
		if s.serves, err = s.program(ctx, b, s.place, d, s.addr); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if _, err := s.spawn(ctx, d, s.addr, s.serves); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for range spawns {
		for _, s := range all {
			took, err := s.spawn(ctx, d, s.addr, s.serves)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			s.took = append(s.took, took)
		}
	}
	fmt.Fprintf(b.stdout, "| median of %d | to the first answer | ownql takes so many times as long |\n|---|---:|---:|\n", spawns)
	for _, s := range all {
		ratios := make([]float64, spawns)
		for i := range ratios {
			ratios[i] = float64(all[0].took[i]) / float64(s.took[i])
		}
		fmt.Fprintf(b.stdout, "| %s | %s | %.2f |\n", s.name, milliseconds(float64(median(s.took))), median(ratios))
	}
	fmt.Fprintln(b.stdout)
	return nil
}

// spawn starts a program, asks until it answers, and ends it.
func (p *place) spawn(ctx context.Context, d *dataset, addr string, serves program) (took time.Duration, err error) {
	questions, err := d.questions(ctx, "http://"+addr, askViewer)
	if err != nil {
		return 0, err
	}
	asks := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	process := p.command(serves)
	began := time.Now()
	if err := p.start(process, syscall.SIGTERM); err != nil {
		return 0, err
	}
	for {
		answer, err := questions[0].ask(ctx, asks)
		took = time.Since(began)
		if err == nil {
			return took, errors.Join(questions[0].check(answer), p.end())
		}
		if took > time.Minute {
			return 0, errors.Join(fmt.Errorf("it does not answer: %w", err), p.end())
		}
		time.Sleep(time.Millisecond / 2)
	}
}
