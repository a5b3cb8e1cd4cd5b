package main

import "context"

// netHTTP is net/http that answers viewerQuery at once.
func netHTTP() graphQLServer { return netHTTPWith("net/http alone") }

// netHTTPToken is netHTTP with a check of the token by jwx.
func netHTTPToken() graphQLServer {
	return netHTTPWith("net/http with a check by jwx", "SECRET="+secret)
}

func netHTTPWith(name string, env ...string) graphQLServer {
	return graphQLServer{name, func(ctx context.Context, b *bench, p *place, d *dataset, addr string) (program, error) {
		binary, err := b.build(ctx, "nethttp")
		return program{env, []string{binary, addr, d.file}}, err
	}}
}
