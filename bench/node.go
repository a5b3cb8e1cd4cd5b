package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// nodeProject has mercurius and Apollo Server.
const nodeProject = "testdata/node"

// mercurius is mercurius with jit, on Fastify.
func (b *bench) mercurius(d *dataset, of inquiry) contestant {
	return b.node("mercurius, jit", "mercurius.js", d, of)
}

// apollo is Apollo Server, standalone.
func (b *bench) apollo(d *dataset, of inquiry) contestant {
	return b.node("Apollo Server", "apollo.js", d, of)
}

// node is a server of the project on Node.js.
func (b *bench) node(name, script string, d *dataset, of inquiry) contestant {
	return contestant{name, func(ctx context.Context, p *place) (*server, error) {
		node, err := program("node", "nodejs")
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(filepath.Join(nodeProject, "node_modules")); err != nil {
			return nil, errors.New("its packages are not installed: `npm ci --prefix " + nodeProject + "`")
		}
		addr, err := freeAddress()
		if err != nil {
			return nil, err
		}
		url, err := p.serve(ctx, addr, []string{"SECRET=" + secret, "NODE_ENV=production"}, node, filepath.Join(nodeProject, script), addr, d.file)
		if err != nil {
			return nil, err
		}
		questions, err := d.questions(ctx, url, of)
		return &server{questions: questions}, err
	}}
}
