package main

import "context"

// measureViewer measures who is signed in, of everyone.
func measureViewer(ctx context.Context, b *bench) error {
	d, err := b.dataset(ctx, minObjects)
	if err != nil {
		return err
	}
	return race{
		contestants: []contestant{
			b.ownql(d, askViewer), b.plain(d, askViewer), b.mercurius(d, askViewer), b.apollo(d, askViewer), b.flask(d, askViewer),
			b.pocketBase(d, askPocketBaseSelf), b.netHTTP(d), b.netHTTPToken(d),
		},
		connections: []int{1, 32, 256},
		memoryAt:    256,
	}.run(ctx, b)
}
