package dynamolocal

import (
	"bytes"
	"fmt"
)

// A treePage is a branch or leaf page, all of whose elements lie within it and are in order.
type treePage struct {
	bytes    []byte
	count    int // of elements
	isBranch bool
}

// An element is a child in a branch page, or a key with its value in a leaf page.
type element struct {
	key, value []byte
	child      uint64
	isBucket   bool
}

func readTreePage(page []byte, flags uint16) (treePage, error) {
	p := treePage{bytes: page, count: int(order.Uint16(page[10:])), isBranch: flags == branchPage}
	if flags != branchPage && flags != leafPage {
		return p, fmt.Errorf("it is neither a branch nor a leaf: %#x", flags)
	}
	if pageHeaderSize+p.count*pageElementSize > len(page) {
		return p, fmt.Errorf("it has no room for %d elements", p.count)
	}
	var before []byte
	for i := range p.count {
		start, keySize, valueSize := p.place(i)
		if start+keySize+valueSize > uint64(len(page)) {
			return p, fmt.Errorf("its element %d lies outside of it", i)
		}
		key := page[start : start+keySize]
		if i > 0 && bytes.Compare(before, key) >= 0 {
			return p, fmt.Errorf("its element %d is out of order", i)
		}
		before = key
	}
	return p, nil
}

// place is where an element's key begins, and the sizes of its key and of the value behind that.
func (p *treePage) place(i int) (start, keySize, valueSize uint64) {
	at := pageHeaderSize + i*pageElementSize
	e := p.bytes[at : at+pageElementSize]
	if p.isBranch {
		return uint64(at) + uint64(order.Uint32(e)), uint64(order.Uint32(e[4:])), 0
	}
	return uint64(at) + uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])), uint64(order.Uint32(e[12:]))
}

func (p *treePage) element(i int) element {
	start, keySize, valueSize := p.place(i)
	end := start + keySize
	e := element{key: p.bytes[start:end:end], value: p.bytes[end : end+valueSize]}
	if p.isBranch {
		e.child = p.child(i)
	} else {
		e.isBucket = order.Uint32(p.bytes[pageHeaderSize+i*pageElementSize:])&1 != 0
	}
	return e
}

// child is the page that an element of a branch leads to.
func (p *treePage) child(i int) uint64 {
	return order.Uint64(p.bytes[pageHeaderSize+i*pageElementSize+8:])
}
