package main

import (
	"context"
	"fmt"
	"os/exec"
)

// debianPython is Debian's own, which has Debian's packages.
const debianPython = "/usr/bin/python3"

// flask is Flask with graphene, served by gunicorn: one process, as there is one processor, with threads, by which
// it keeps connections.
func flask() graphQLServer {
	return graphQLServer{"Flask, graphene", func(ctx context.Context, b *bench, p *place, d *dataset, addr string) (program, error) {
		if said, err := exec.CommandContext(ctx, debianPython, "-c", "import flask, graphene, gunicorn, jwt").CombinedOutput(); err != nil {
			return program{}, fmt.Errorf("install Debian's packages python3-flask, python3-graphene, python3-gunicorn and python3-jwt: %w\n%s", err, said)
		}
		return program{[]string{"SECRET=" + secret, "DATA=" + d.file}, []string{debianPython, "-m", "gunicorn",
			"--chdir", "testdata/flask", "--bind", addr, "--workers", "1", "--worker-class", "gthread", "--threads", "4",
			"--keep-alive", "60", "--log-level", "warning", "app:app"}}, nil
	}}
}
