package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// nodeProject has mercurius and Apollo Server.
const nodeProject = "testdata/node"

// node is a server of the project on Node.js.
func node(name, script string) graphQLServer {
	return graphQLServer{name, func(ctx context.Context, b *bench, p *place, d *dataset, addr string) (program, error) {
		node, err := find("node", "nodejs")
		if err != nil {
			return program{}, err
		}
		if _, err := os.Stat(filepath.Join(nodeProject, "node_modules")); err != nil {
			return program{}, errors.New("its packages are not installed: `npm ci --prefix " + nodeProject + "`")
		}
		return program{[]string{"SECRET=" + secret, "NODE_ENV=production"}, []string{node, filepath.Join(nodeProject, script), addr, d.file}}, nil
	}}
}

// mercurius is mercurius with jit, on Fastify.
func mercurius() graphQLServer { return node("mercurius, jit", "mercurius.js") }

// apollo is Apollo Server, standalone.
func apollo() graphQLServer { return node("Apollo Server", "apollo.js") }
