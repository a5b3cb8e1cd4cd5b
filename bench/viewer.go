package main

import "context"

// measureViewer measures who is signed in, of everyone.
func measureViewer(ctx context.Context, b *bench) error {
	d, err := b.dataset(ctx, minObjects)
	if err != nil {
		return err
	}
	return race{
		contestants: append(
			allOn(b, d, askViewer, ownql("ownql"), plain("plain gqlgen"), mercurius(), apollo(), flask(), netHTTP(), netHTTPToken()),
			pocketBase(d, askPocketBaseSelf)),
		connections: []int{1, 32, 256},
		memoryAt:    256,
	}.run(ctx, b)
}
