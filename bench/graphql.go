package main

import (
	"context"
)

// A graphQLServer is one that is asked as all servers of GraphQL are.
type graphQLServer struct {
	name string
	// program returns what serves a dataset at an address.
	program func(ctx context.Context, b *bench, p *place, d *dataset, addr string) (program, error)
}

// A program is what is started, with the variables that it has beside this program's.
type program struct {
	env  []string
	args []string // the first is the program
}

// on returns the server as a contestant that answers an inquiry from a dataset.
func (g graphQLServer) on(b *bench, d *dataset, of inquiry) contestant {
	return contestant{g.name, func(ctx context.Context, p *place) (*server, error) {
		url, err := g.serve(ctx, b, p, d)
		if err != nil {
			return nil, err
		}
		questions, err := d.questions(ctx, url, of)
		return &server{url: url, questions: questions}, err
	}}
}

// serve starts the server, and returns its URL once it answers.
func (g graphQLServer) serve(ctx context.Context, b *bench, p *place, d *dataset) (url string, err error) {
	addr, err := freeAddress()
	if err != nil {
		return "", err
	}
	serves, err := g.program(ctx, b, p, d, addr)
	if err != nil {
		return "", err
	}
	return p.serve(ctx, addr, serves)
}

// allOn returns each of the servers as a contestant.
func allOn(b *bench, d *dataset, of inquiry, servers ...graphQLServer) (contestants []contestant) {
	for _, g := range servers {
		contestants = append(contestants, g.on(b, d, of))
	}
	return contestants
}
