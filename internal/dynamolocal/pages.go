package dynamolocal

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"slices"
)

// The data file is bbolt's: pages, of which two hold a meta, which leads to the root of a tree of
// branch and leaf pages; the values of the root's leaves are buckets, each with a tree of its own,
// or with one leaf page in the value itself. What is here reads the file as it lies on the disk,
// and trusts nothing in it: bbolt itself faults, panics or runs in circles where a page is not
// what it should be.
//
// https://pkg.go.dev/go.etcd.io/bbolt (internal/common: page.go, meta.go, bucket.go)

const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	pageHeaderSize   = 16
	pageElementSize  = 16
	bucketHeaderSize = 16

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	noFreelist = ^uint64(0)
	// maxTreeDepth is more than a file of any size needs: a page has at least two children.
	maxTreeDepth = 64
)

var order = binary.NativeEndian // as bbolt has it

// A meta is where everything in the file begins.
type meta struct {
	pageSize       int64
	root, freelist uint64 // pages
	pages          uint64 // how many there are
	txid           uint64
}

// pages reads a data file.
type pages struct {
	file io.ReaderAt
	size int64 // of the file, in bytes
	meta

	seen    []bool                         // the pages of trees that have been read
	problem func(page uint64, what string) // is told what is wrong with a page, 0 for none
}

// readPages reads the file from the newest whole meta on, or from the one of the transaction,
// if that is not 0.
func readPages(file *os.File, txid uint64, problem func(page uint64, what string)) (*pages, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	p := &pages{file: file, size: info.Size(), problem: problem}
	for _, m := range readMetas(file) {
		if p.txid == 0 && (txid == 0 || txid == m.txid) {
			p.meta = m
		}
	}
	switch {
	case p.txid == 0:
		return nil, errors.New("it has no whole meta page")
	case int64(p.pages)*p.pageSize > p.size:
		p.problem(p.pages-1, fmt.Sprintf("the file was cut off: it has %d bytes of %d", p.size, int64(p.pages)*p.pageSize))
	}
	p.seen = make([]bool, p.pages)
	return p, nil
}

// readMetas reads the whole ones of the two meta pages, the newest first.
func readMetas(file io.ReaderAt) []meta {
	var metas []meta
	pageSize := int64(os.Getpagesize())
	if m, ok := readMeta(file, 0); ok {
		metas, pageSize = append(metas, m), m.pageSize
	}
	if m, ok := readMeta(file, pageSize); ok {
		metas = append(metas, m)
	}
	slices.SortFunc(metas, func(a, b meta) int { return cmp.Compare(b.txid, a.txid) })
	return metas
}

func readMeta(file io.ReaderAt, at int64) (meta, bool) {
	b := make([]byte, pageHeaderSize+64)
	if _, err := file.ReadAt(b, at); err != nil {
		return meta{}, false
	}
	b = b[pageHeaderSize:]
	sum := fnv.New64a()
	sum.Write(b[:56])
	m := meta{
		pageSize: int64(order.Uint32(b[8:])),
		root:     order.Uint64(b[16:]), // then the sequence of the root
		freelist: order.Uint64(b[32:]), pages: order.Uint64(b[40:]), txid: order.Uint64(b[48:]),
	}
	ok := order.Uint32(b) == boltMagic && order.Uint32(b[4:]) == boltVersion && order.Uint64(b[56:]) == sum.Sum64() &&
		m.txid > 0 && m.pageSize >= 1024 && m.pageSize <= 1<<24 && m.pages < 1<<40
	return m, ok
}

// page reads a page with its overflow. The error says what is wrong with it.
func (p *pages) page(id uint64) (page []byte, flags uint16, err error) {
	if id < 2 || id >= p.pages {
		return nil, 0, fmt.Errorf("there is no such page among %d", p.pages)
	}
	page = make([]byte, p.pageSize)
	if _, err := p.file.ReadAt(page, int64(id)*p.pageSize); err != nil {
		return nil, 0, err
	}
	header := page[:pageHeaderSize]
	overflow := uint64(order.Uint32(header[12:]))
	switch {
	case bytes.Equal(header, make([]byte, pageHeaderSize)):
		return nil, 0, errors.New("it is empty")
	case order.Uint64(header) != id:
		return nil, 0, fmt.Errorf("it calls itself page %d", order.Uint64(header))
	case id+overflow >= p.pages:
		return nil, 0, fmt.Errorf("it has %d pages more, of %d", overflow, p.pages)
	}
	if overflow > 0 {
		more := make([]byte, int64(overflow)*p.pageSize)
		if _, err := p.file.ReadAt(more, int64(id+1)*p.pageSize); err != nil {
			return nil, 0, err
		}
		page = append(page, more...)
	}
	return page, order.Uint16(page[8:]), nil
}

// An element is a child in a branch page, or a key with its value in a leaf page.
type element struct {
	key, value []byte
	child      uint64
	isBucket   bool
}

// elements takes a branch or leaf page apart.
func elements(page []byte, flags uint16) ([]element, error) {
	count := int(order.Uint16(page[10:]))
	if flags != branchPage && flags != leafPage {
		return nil, fmt.Errorf("it is neither a branch nor a leaf: %#x", flags)
	}
	if pageHeaderSize+count*pageElementSize > len(page) {
		return nil, fmt.Errorf("it has no room for %d elements", count)
	}
	list := make([]element, count)
	for i := range list {
		at := pageHeaderSize + i*pageElementSize
		e := page[at : at+pageElementSize]
		var start, keySize, valueSize uint64
		if flags == branchPage {
			start, keySize = uint64(order.Uint32(e)), uint64(order.Uint32(e[4:]))
			list[i].child = order.Uint64(e[8:])
		} else {
			start, keySize, valueSize = uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])), uint64(order.Uint32(e[12:]))
			list[i].isBucket = order.Uint32(e)&1 != 0
		}
		start += uint64(at)
		if start+keySize+valueSize > uint64(len(page)) {
			return nil, fmt.Errorf("its element %d lies outside of it", i)
		}
		list[i].key = page[start : start+keySize : start+keySize]
		list[i].value = page[start+keySize : start+keySize+valueSize]
		if i > 0 && bytes.Compare(list[i-1].key, list[i].key) >= 0 {
			return nil, fmt.Errorf("its element %d is out of order", i)
		}
	}
	return list, nil
}

// A rawBucket is a value that leads to a tree.
type rawBucket struct {
	root     uint64
	sequence uint64
	inline   []byte // the leaf page itself, where root is 0
}

func readBucket(value []byte) (rawBucket, error) {
	if len(value) < bucketHeaderSize {
		return rawBucket{}, errors.New("it is too short")
	}
	b := rawBucket{root: order.Uint64(value), sequence: order.Uint64(value[8:])}
	if b.root == 0 {
		if b.inline = value[bucketHeaderSize:]; len(b.inline) < pageHeaderSize {
			return rawBucket{}, errors.New("it is too short")
		}
	}
	return b, nil
}

// each visits what a bucket holds, in order, and goes on behind what cannot be read. It returns
// whether all could. With leaves false it visits nothing, and reads no more of the leaves than
// where they are: those of a tree lie at one depth.
func (p *pages) each(b rawBucket, leaves bool, visit func(e element)) (whole bool) {
	if b.root == 0 {
		list, err := elements(b.inline, order.Uint16(b.inline[8:]))
		if err == nil && order.Uint16(b.inline[8:]) != leafPage {
			err = errors.New("it is no leaf")
		}
		if err != nil {
			p.problem(0, "a small bucket: "+err.Error())
			return false
		}
		for _, e := range list {
			visit(e)
		}
		return true
	}
	depth := maxTreeDepth
	if !leaves {
		depth = p.depth(b.root)
	}
	return p.tree(b.root, nil, nil, depth, !leaves, visit)
}

// depth is how many pages lie on the way to the first leaf.
func (p *pages) depth(root uint64) int {
	id := root
	for n := 1; n < maxTreeDepth; n++ {
		page, flags, err := p.page(id)
		if err != nil || flags != branchPage {
			return n
		}
		list, err := elements(page, flags)
		if err != nil || len(list) == 0 {
			return n
		}
		id = list[0].child
	}
	return maxTreeDepth
}

// tree visits the tree below a page, whose keys are at least from and less than to, where those
// are not nil. With branches it does not read the pages at the depth of the leaves.
func (p *pages) tree(id uint64, from, to []byte, depth int, branches bool, visit func(e element)) (whole bool) {
	switch {
	case id < 2 || id >= p.pages:
		p.problem(id, fmt.Sprintf("there is no such page among %d", p.pages))
		return false
	case p.seen[id]:
		p.problem(id, "it is in two places")
		return false
	case depth == 0:
		p.problem(id, "the tree is too deep")
		return false
	}
	p.seen[id] = true
	if branches && depth == 1 {
		return true
	}
	page, flags, err := p.page(id)
	var list []element
	if err == nil {
		list, err = elements(page, flags)
	}
	if err == nil && len(list) > 0 {
		// The first key of a branch is a lower bound alone.
		if first := list[0].key; flags == leafPage && bytes.Compare(first, from) < 0 {
			err = errors.New("it begins before its place")
		} else if to != nil && bytes.Compare(list[len(list)-1].key, to) >= 0 {
			err = errors.New("it ends behind its place")
		}
	}
	if err == nil && flags == branchPage && len(list) == 0 {
		err = errors.New("it leads nowhere")
	}
	if err != nil {
		p.problem(id, err.Error())
		return false
	}
	for i := 1; i < len(page)/int(p.pageSize); i++ {
		p.seen[id+uint64(i)] = true
	}
	whole = true
	for i, e := range list {
		if flags == leafPage {
			visit(e)
			continue
		}
		end := to
		if i+1 < len(list) {
			end = list[i+1].key
		}
		whole = p.tree(e.child, e.key, end, depth-1, branches, visit) && whole
	}
	return whole
}

// free are the pages that the freelist says nothing uses.
func (p *pages) free() ([]uint64, error) {
	if p.freelist == noFreelist {
		return nil, nil
	}
	page, flags, err := p.page(p.freelist)
	if err != nil {
		return nil, err
	}
	if flags != freelistPage {
		return nil, fmt.Errorf("it is not the list of free pages: %#x", flags)
	}
	count, at := uint64(order.Uint16(page[10:])), uint64(pageHeaderSize)
	if count == 0xffff {
		count, at = order.Uint64(page[at:]), at+8
	}
	if count > (uint64(len(page))-at)/8 {
		return nil, fmt.Errorf("it has no room for %d pages", count)
	}
	list := make([]uint64, count)
	for i := range list {
		list[i] = order.Uint64(page[at+uint64(i)*8:])
		if list[i] < 2 || list[i] >= p.pages {
			return nil, fmt.Errorf("it names page %d of %d", list[i], p.pages)
		}
	}
	return list, nil
}

// checkFree holds the list of free pages against the trees that have been read.
func (p *pages) checkFree() {
	free, err := p.free()
	if err != nil {
		p.problem(p.freelist, err.Error())
	}
	for _, id := range free {
		if p.seen[id] {
			p.problem(id, "it is in use, and among the free")
		}
	}
}

// orphans are the leaf pages that no tree leads to and that are not free, once all trees have been
// read: a page that led to them is lost.
func (p *pages) orphans() [][]element {
	free, err := p.free()
	if err != nil {
		return nil // any page may be one of long ago
	}
	for _, id := range free {
		p.seen[id] = true
	}
	var leaves [][]element
	for id := uint64(2); id < p.pages; id++ {
		if p.seen[id] || id == p.freelist {
			continue
		}
		page, flags, err := p.page(id)
		if err != nil || flags != leafPage {
			continue
		}
		if list, err := elements(page, flags); err == nil && len(list) > 0 {
			leaves = append(leaves, list)
		}
	}
	return leaves
}

// buckets are the top-level buckets, by their names, as far as they can be read.
func (p *pages) buckets() map[string]rawBucket {
	all := map[string]rawBucket{}
	p.tree(p.root, nil, nil, maxTreeDepth, false, func(e element) {
		b, err := readBucket(e.value)
		if !e.isBucket {
			err = errors.New("it is none")
		}
		if err != nil {
			p.problem(0, fmt.Sprintf("the bucket %q: %v", e.key, err))
			return
		}
		all[string(e.key)] = b
	})
	return all
}

func pageProblem(page uint64, what string) string {
	if page == 0 {
		return what
	}
	return fmt.Sprintf("page %d: %s", page, what)
}

// checkBranches reads what leads to the leaves, and the list of free pages: enough that bbolt
// neither runs in circles nor writes over what is in use.
func (p *pages) checkBranches() {
	buckets := p.buckets()
	for _, name := range sortedNames(buckets) {
		p.each(buckets[name], false, func(element) {})
	}
	p.checkFree()
}
