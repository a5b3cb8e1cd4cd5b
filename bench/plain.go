package main

import "context"

// plain is the plain gqlgen server in plaingqlgen.
func (b *bench) plain(d *dataset, of inquiry) contestant {
	return contestant{"plain gqlgen", func(ctx context.Context, p *place) (*server, error) {
		binary, err := b.build(ctx, "plaingqlgen")
		if err != nil {
			return nil, err
		}
		addr, err := freeAddress()
		if err != nil {
			return nil, err
		}
		url, err := p.serve(ctx, addr, []string{"SECRET=" + secret}, binary, "-addr", addr, "-data", d.file)
		if err != nil {
			return nil, err
		}
		questions, err := d.questions(ctx, url, of)
		return &server{questions: questions}, err
	}}
}
