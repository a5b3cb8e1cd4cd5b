package main

import "context"

// plain is the plain gqlgen server in plaingqlgen. It may have more variables.
func plain(name string, env ...string) graphQLServer {
	return graphQLServer{name, func(ctx context.Context, b *bench, p *place, d *dataset, addr string) (program, error) {
		binary, err := b.build(ctx, "plaingqlgen")
		return program{append([]string{"SECRET=" + secret}, env...), []string{binary, "-addr", addr, "-data", d.file}}, err
	}}
}
