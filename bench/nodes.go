package main

import "context"

// measureNodes measures many objects by their ids, of the servers of GraphQL.
func measureNodes(ctx context.Context, b *bench) error {
	d, err := b.dataset(ctx, b.objects)
	if err != nil {
		return err
	}
	return race{
		contestants: allOn(b, d, askNodes, ownql("ownql"), plain("plain gqlgen with a loader"), mercurius(), apollo(), flask()),
		connections: []int{1, 32},
	}.run(ctx, b)
}
