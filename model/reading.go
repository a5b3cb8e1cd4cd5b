package model

import (
	"cmp"
	"context"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Holder bounds what is held in memory at once.
type Holder interface {
	// Await waits until there is room for so many bytes.
	Await(ctx context.Context, bytes int) error
	// TakeRead holds further bytes, which are in memory already, or returns why it does not.
	TakeRead(ctx context.Context, bytes int) error
	// GiveBack holds so many bytes less.
	GiveBack(bytes int)
}

// maxRead is about how many bytes one call reads at most.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxRead = 16 << 20

// fewItems is of how many items a call need not wait for room.
const fewItems = 2

// holderFrom returns what holds what is read in the context; nil: nothing does.
func holderFrom(ctx context.Context) Holder {
	if r := requestFrom(ctx); r != nil {
		return r.Holder
	}
	return nil
}

// awaitRoom waits until there is room for what a call reads, which nobody knows before.
func awaitRoom(ctx context.Context, items int) error {
	if holder := holderFrom(ctx); holder != nil && items > fewItems {
		return holder.Await(ctx, maxRead)
	}
	return nil
}

// holdRead takes the memory of what has been read: so many bytes, and items.
func holdRead(ctx context.Context, bytes int, items ...map[string]types.AttributeValue) error {
	holder := holderFrom(ctx)
	if holder == nil {
		return nil
	}
	for _, item := range items {
		bytes += memoryOf(item)
	}
	return holder.TakeRead(ctx, bytes)
}

// passing returns a context for reads of which nothing is kept once forget is called: then it gives
// back what they took, but for the share, from 0 to 1, that is kept after all.
func passing(ctx context.Context) (reading context.Context, forget func(kept float64)) {
	r := requestFrom(ctx)
	if r == nil || r.Holder == nil {
		return ctx, func(float64) {}
	}
	passing := &passingHolder{Holder: r.Holder}
	return WithRequest(ctx, &Request{Holder: passing, of: cmp.Or(r.of, r)}), passing.forget
}

// A passingHolder knows how much of a Holder's was taken through it.
type passingHolder struct {
	Holder
	taken atomic.Int64
}

func (h *passingHolder) TakeRead(ctx context.Context, bytes int) error {
	err := h.Holder.TakeRead(ctx, bytes)
	if err == nil {
		h.taken.Add(int64(bytes))
	}
	return err
}

func (h *passingHolder) GiveBack(bytes int) {
	h.taken.Add(-int64(bytes))
	h.Holder.GiveBack(bytes)
}

func (h *passingHolder) forget(kept float64) {
	h.GiveBack(int((1 - kept) * float64(h.taken.Load())))
}

// memoryOf estimates how many bytes of memory an item has, as it was read.
func memoryOf(item map[string]types.AttributeValue) (bytes int) {
	const ofAttribute = 80 // its place in the map, its name, and the value beside what it points to
	for name, value := range item {
		bytes += ofAttribute + len(name) + memoryOfValue(value)
	}
	return bytes
}

func memoryOfValue(value types.AttributeValue) (bytes int) {
	const (
		ofElement = 64  // its place in the list, twice while it is read, and the value
		ofMap     = 256 // which has eight places at least
	)
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return len(value.Value)
	case *types.AttributeValueMemberN:
		return len(value.Value)
	case *types.AttributeValueMemberB:
		return len(value.Value)
	case *types.AttributeValueMemberM:
		return ofMap + memoryOf(value.Value)
	case *types.AttributeValueMemberL:
		for _, element := range value.Value {
			bytes += ofElement + memoryOfValue(element)
		}
	case *types.AttributeValueMemberSS:
		bytes = memoryOfTexts(value.Value)
	case *types.AttributeValueMemberNS:
		bytes = memoryOfTexts(value.Value)
	case *types.AttributeValueMemberBS:
		for _, element := range value.Value {
			bytes += ofElement + len(element)
		}
	}
	return bytes
}

func memoryOfTexts(texts []string) (bytes int) {
	const ofElement = 16
	for _, text := range texts {
		bytes += ofElement + len(text)
	}
	return bytes
}
