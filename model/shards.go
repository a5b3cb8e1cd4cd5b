package model

import (
	"cmp"
	"context"
	"hash/crc32"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Joined without Hash has all items of the type. One hash key for all of them would have them in one
// partition, which takes 1,000 writes a second; so there are several, and an item's id decides which it
// has. A list reads all of them, and merges what they give.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-sharding.html

// shardCount is how many hash keys such an index has. Another number would be another index: it is in
// the name.
const shardCount = 8

// shardAttribute is the hash key of such an index. No field has a name with a dot.
var shardAttribute = joinedHashPrefix + "shard." + strconv.Itoa(shardCount)

// shardKeyOf returns the hash key of the item with that id.
func shardKeyOf(id string) *types.AttributeValueMemberS {
	return shardKey(int(crc32.ChecksumIEEE([]byte(id)) % shardCount))
}

func shardKey(i int) *types.AttributeValueMemberS {
	return &types.AttributeValueMemberS{Value: strconv.Itoa(i)}
}

// A shard is the walk through the items that have one of the hash keys, or through another list that one is
// merged of.
type shard struct {
	walk
	ahead []metItem // that it has come upon, and the list has not
}

// split has the walk go through all shards as if they were one. No two items have the same sort
// key, so a place is one in each of them.
func (w *walk) split() {
	w.isEven = true
	for i := range shardCount {
		w.shards = append(w.shards, &shard{walk: walk{
			table: w.table, index: w.index, hash: shardKey(i), ascending: w.ascending, narrowing: w.narrowing, at: w.at, budget: w.budget,
		}})
	}
	if w.most > 0 {
		w.most = max(w.most, shardCount) // or it would not get on
	}
}

// nextOfShards is next, of all shards. Those that have nothing ahead read on at the same time, until
// there are as many items as limit. Where DynamoDB is told a filter, all shards examine a share of the
// limit, and it gives what they found: how much is examined tells nothing of what matches.
func (w *walk) nextOfShards(ctx context.Context, limit int) ([]metItem, error) {
	if w.isTold() {
		err := w.readOn(ctx, limit)
		return w.merge(nil, math.MaxInt), err
	}
	items := w.merge(nil, limit)
	for len(items) < limit && !w.isDone() {
		if err := w.readOn(ctx, limit-len(items)); err != nil {
			return nil, err
		}
		items = w.merge(items, limit)
	}
	return items, nil
}

// readOn has the shards read that are to, each what likely gives so many items of all shards.
func (w *walk) readOn(ctx context.Context, wanted int) error {
	dry := slices.DeleteFunc(slices.Clone(w.shards), func(s *shard) bool { return s.isOver || len(s.ahead) > 0 && !w.isTold() })
	if len(dry) == 0 {
		return nil
	}
	among := len(dry)
	if w.isEven {
		among = shardCount
	}
	limit := perShard(wanted, among)
	if w.most > 0 {
		left := w.most - w.examined
		if left < len(dry) { // and so all have been read before
			slices.SortFunc(dry, func(a, b *shard) int { return w.order(a.at.sort, b.at.sort) })
			dry = dry[:left]
		}
		limit = min(limit, left/len(dry))
	}
	failures := make([]error, len(dry))
	var reading sync.WaitGroup
	for i, s := range dry {
		reading.Go(func() {
			var items []metItem
			items, failures[i] = s.next(ctx, limit)
			s.ahead = append(s.ahead, items...)
		})
	}
	reading.Wait()
	w.examined = 0
	for _, s := range w.shards {
		w.examined += s.examined
		w.isSpent = w.isSpent || s.isSpent
	}
	return cmp.Or(failures...) // one says enough
}

// perShard is how many of so many items a shard likely has at most, among so many that have them, and one
// more, behind which are those of other shards: about the mean and its deviation.
func perShard(wanted, among int) int {
	if among == 1 {
		return wanted
	}
	mean := float64(wanted) / float64(among)
	return int(math.Ceil(mean+math.Sqrt(mean))) + 1
}

// merge appends what the shards have ahead, in order, up to limit items and to where a shard has not
// been read yet.
func (w *walk) merge(items []metItem, limit int) []metItem {
	known, isWhole := w.known()
	for {
		first := w.foremost()
		var at position
		w.isAhead = false
		if first != nil {
			at = first.ahead[0].at
			w.isAhead = isWhole || known != nil && !w.isPast(at.sort, known.sort)
		}
		switch {
		case !w.isAhead && isWhole:
			w.isOver = true
			return items
		case !w.isAhead:
			if known != nil {
				w.at, w.isOver = known, w.end != nil && !w.isPast(w.end.sort, known.sort)
			}
			return items
		case w.end != nil && !w.isPast(w.end.sort, at.sort):
			w.isOver = true
			return items
		case len(items) == limit:
			return items
		}
		next := first.ahead[0]
		first.ahead, w.at = first.ahead[1:], &at
		if w.met[at.id] {
			continue
		}
		if w.met != nil {
			w.met[at.id] = true
		}
		items = append(items, next)
	}
}

// known returns the place up to which every shard has been read: nil where one has not been yet. isWhole
// is whether all have been to their ends.
func (w *walk) known() (place *position, isWhole bool) {
	isWhole = true
	for _, s := range w.shards {
		switch {
		case s.isOver:
		case s.at == nil:
			return nil, false
		case isWhole || w.isPast(place.sort, s.at.sort):
			place, isWhole = s.at, false
		}
	}
	return place, isWhole
}

// foremost returns the shard that has ahead what comes first; nil: none has anything ahead.
func (w *walk) foremost() *shard {
	var first *shard
	for _, s := range w.shards {
		if len(s.ahead) > 0 && (first == nil || w.isPast(first.ahead[0].at.sort, s.ahead[0].at.sort)) {
			first = s
		}
	}
	return first
}
