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
	room    [maxTreeDepth + 1][]byte       // for a branch page at each depth: a walk has one of each
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

// page reads a page with its overflow, into room if that is large enough. The error says what is wrong with it.
func (p *pages) page(id uint64, room []byte) (page []byte, flags uint16, err error) {
	if id < 2 || id >= p.pages {
		return nil, 0, fmt.Errorf("there is no such page among %d", p.pages)
	}
	if page = room; int64(cap(page)) < p.pageSize {
		page = make([]byte, p.pageSize)
	}
	page = page[:p.pageSize]
	if _, err := p.file.ReadAt(page, int64(id)*p.pageSize); err != nil {
		return nil, 0, err
	}
	header := page[:pageHeaderSize]
	overflow := uint64(order.Uint32(header[12:]))
	switch {
	case [pageHeaderSize]byte(header) == [pageHeaderSize]byte{}:
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
		leaf, err := readTreePage(b.inline, order.Uint16(b.inline[8:]))
		if err == nil && leaf.isBranch {
			err = errors.New("it is no leaf")
		}
		if err != nil {
			p.problem(0, "a small bucket: "+err.Error())
			return false
		}
		for i := range leaf.count {
			visit(leaf.element(i))
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
		page, err := p.treePage(id, nil)
		if err != nil || !page.isBranch || page.count == 0 {
			return n
		}
		id = page.element(0).child
	}
	return maxTreeDepth
}

// tree visits the tree below a page, whose keys are at least from and less than to, where those
// are not nil. With branches it does not read the pages at the depth of the leaves.
func (p *pages) tree(id uint64, from, to []byte, depth int, branches bool, visit func(e element)) (whole bool) {
	if depth == 0 {
		p.problem(id, "the tree is too deep")
		return false
	}
	if !p.isFirst(id) {
		return false
	}
	if branches && depth == 1 {
		return true
	}
	page, err := p.treePage(id, p.room[depth])
	if err == nil && page.count > 0 {
		// The first key of a branch is a lower bound alone.
		if !page.isBranch && bytes.Compare(page.element(0).key, from) < 0 {
			err = errors.New("it begins before its place")
		} else if to != nil && bytes.Compare(page.element(page.count-1).key, to) >= 0 {
			err = errors.New("it ends behind its place")
		}
	}
	if err == nil && page.isBranch && page.count == 0 {
		err = errors.New("it leads nowhere")
	}
	if err != nil {
		p.problem(id, err.Error())
		return false
	}
	for i := 1; i < len(page.bytes)/int(p.pageSize); i++ {
		p.seen[id+uint64(i)] = true
	}
	if !page.isBranch {
		p.room[depth] = nil // who visits may keep what it sees
		for i := range page.count {
			visit(page.element(i))
		}
		return true
	}
	p.room[depth] = page.bytes
	whole = true
	if branches && depth == 2 { // by far the most pages
		for i := range page.count {
			whole = p.isFirst(page.child(i)) && whole
		}
		return whole
	}
	for i := range page.count {
		child, end := page.element(i), to
		if i+1 < page.count {
			end = page.element(i + 1).key
		}
		whole = p.tree(child.child, child.key, end, depth-1, branches, visit) && whole
	}
	return whole
}

// isFirst notes that a tree leads to the page, and tells whether it may: there is such a page, to which nothing led before.
func (p *pages) isFirst(id uint64) bool {
	if id < 2 || id >= p.pages {
		p.problem(id, fmt.Sprintf("there is no such page among %d", p.pages))
		return false
	}
	if p.seen[id] {
		p.problem(id, "it is in two places")
		return false
	}
	p.seen[id] = true
	return true
}

// treePage reads a branch or leaf page, into room if that is large enough. The error says what is wrong with it.
func (p *pages) treePage(id uint64, room []byte) (treePage, error) {
	page, flags, err := p.page(id, room)
	if err != nil {
		return treePage{}, err
	}
	return readTreePage(page, flags)
}

// free are the pages that the freelist says nothing uses.
func (p *pages) free() ([]uint64, error) {
	if p.freelist == noFreelist {
		return nil, nil
	}
	page, flags, err := p.page(p.freelist, nil)
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
		page, err := p.treePage(id, nil)
		if err != nil || page.isBranch || page.count == 0 {
			continue
		}
		leaf := make([]element, page.count)
		for i := range leaf {
			leaf[i] = page.element(i)
		}
		leaves = append(leaves, leaf)
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
