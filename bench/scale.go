package main

import (
	"context"
	"errors"
	"fmt"
)

// measureScale measures ownql with more and more objects, all of one user.
func measureScale(ctx context.Context, b *bench) (err error) {
	sizes := []int{1_000, 100_000}
	if b.million {
		sizes = append(sizes, 1_000_000)
	}
	var servers []*server
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, objects := range sizes {
		d, err := b.dataset(ctx, objects)
		if err != nil {
			return err
		}
		s, err := b.begin(ctx, ownql(fmt.Sprintf("%d objects", objects)).on(b, d, askViewer))
		if err != nil {
			return err
		}
		servers = append(servers, s)
	}
	for _, asked := range []struct {
		what        string
		of          inquiry
		connections int
	}{
		{"viewer", askViewer, 32}, {"node", askNode, 32}, {"page", askPage, 32}, {"create", askCreate, creators},
	} {
		for i, s := range servers {
			d := b.datasets[sizes[i]]
			if s.questions, err = d.questions(ctx, s.url, asked.of); err != nil {
				return err
			}
			if err := s.verify(ctx); err != nil {
				return err
			}
			if s.load, err = newWrk(s.dir, s.questions); err != nil {
				return err
			}
		}
		results, err := takeTurns(ctx, servers, b.rounds, b.turn, asked.connections, false)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.stdout, "%s:\n\n", asked.what)
		printTable(b.stdout, results, asked.connections)
	}
	return nil
}
