package main

import (
	"context"
	"os"
	"path/filepath"
)

// ownql is the starter at the root of this repository, as its own binary serves it on the embedded engine, a copy of
// the dataset's store. It may have more variables.
func ownql(name string, env ...string) graphQLServer {
	return graphQLServer{name, func(ctx context.Context, b *bench, p *place, d *dataset, addr string) (program, error) {
		binary, err := b.build(ctx, "..", b.buildFlags...)
		if err != nil {
			return program{}, err
		}
		store := filepath.Join(p.dir, "store")
		if err := os.CopyFS(store, os.DirFS(d.store)); err != nil {
			return program{}, err
		}
		variables := []string{"OWNQL_ADDR=" + addr, "OWNQL_STORE=" + store}
		if !b.dev { // there its secret is in the store
			variables = append(variables, "OWNQL_SECRET="+secret)
		}
		return program{append(variables, env...), []string{binary}}, nil
	}}
}
