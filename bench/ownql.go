package main

import (
	"context"
	"os"
	"path/filepath"
)

// ownql is the starter at the root of this repository, as its own binary serves it on the embedded engine, a copy of
// the dataset's store.
func (b *bench) ownql(d *dataset, of inquiry) contestant {
	return contestant{"ownql", func(ctx context.Context, p *place) (*server, error) {
		url, err := b.serveOwnql(ctx, p, d)
		if err != nil {
			return nil, err
		}
		questions, err := d.questions(ctx, url, of)
		return &server{questions: questions}, err
	}}
}

// serveOwnql returns the URL of the starter.
func (b *bench) serveOwnql(ctx context.Context, p *place, d *dataset, env ...string) (url string, err error) {
	binary, err := b.build(ctx, "..", b.buildFlags...)
	if err != nil {
		return "", err
	}
	store := filepath.Join(p.dir, "store")
	if err := os.CopyFS(store, os.DirFS(d.store)); err != nil {
		return "", err
	}
	addr, err := freeAddress()
	if err != nil {
		return "", err
	}
	return p.serve(ctx, addr, append(b.ownqlVariables(addr, store), env...), binary)
}

// ownqlVariables are those of a starter on a store. Outside of dev it has a secret.
func (b *bench) ownqlVariables(addr, store string) []string {
	variables := []string{"OWNQL_ADDR=" + addr, "OWNQL_STORE=" + store}
	if !b.dev {
		variables = append(variables, "OWNQL_SECRET="+secret)
	}
	return variables
}
