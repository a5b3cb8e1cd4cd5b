package main

import "context"

// netHTTP is net/http that answers at once, for askViewer alone.
func (b *bench) netHTTP(d *dataset) contestant { return b.netHTTPWith("net/http alone", d) }

// netHTTPToken is netHTTP with a check of the token by jwx.
func (b *bench) netHTTPToken(d *dataset) contestant {
	return b.netHTTPWith("net/http with a check by jwx", d, "SECRET="+secret)
}

func (b *bench) netHTTPWith(name string, d *dataset, env ...string) contestant {
	return contestant{name, func(ctx context.Context, p *place) (*server, error) {
		binary, err := b.build(ctx, "nethttp")
		if err != nil {
			return nil, err
		}
		addr, err := freeAddress()
		if err != nil {
			return nil, err
		}
		url, err := p.serve(ctx, addr, env, binary, addr, d.file)
		if err != nil {
			return nil, err
		}
		questions, err := d.questions(ctx, url, askViewer)
		return &server{questions: questions}, err
	}}
}
