package main

import "context"

// measurePage measures a page of todos, of those that have a page.
func measurePage(ctx context.Context, b *bench) error {
	d, err := b.dataset(ctx, b.objects)
	if err != nil {
		return err
	}
	return race{
		contestants: []contestant{
			b.ownql(d, askPage), b.plain(d, askPage), b.mercurius(d, askPage), b.apollo(d, askPage), b.flask(d, askPage), b.pocketBase(d, askPocketBasePage),
		},
		connections: []int{1, 32},
	}.run(ctx, b)
}
