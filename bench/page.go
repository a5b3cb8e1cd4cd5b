package main

import "context"

// measurePage measures a page of todos, of those that have a page.
func measurePage(ctx context.Context, b *bench) error {
	d, err := b.dataset(ctx, b.objects)
	if err != nil {
		return err
	}
	return race{
		contestants: append(
			allOn(b, d, askPage, ownql("ownql"), plain("plain gqlgen"), mercurius(), apollo(), flask()),
			pocketBase(d, askPocketBasePage)),
		connections: []int{1, 32},
	}.run(ctx, b)
}
