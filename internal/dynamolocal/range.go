package dynamolocal

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// A keyRange is the keys from and including from, up to but not including to. A nil bound is
// none.
type keyRange struct {
	from, to []byte
}

func (kr keyRange) contains(key []byte) bool {
	return key != nil && bytes.Compare(key, kr.from) >= 0 && (kr.to == nil || bytes.Compare(key, kr.to) < 0)
}

// endsAt is whether no key in the range can come after this one.
func (kr keyRange) endsAt(key []byte, backward bool) bool {
	if backward {
		return bytes.Equal(key, kr.from)
	}
	return bytes.Equal(after(key), kr.to)
}

// each visits the bucket's keys in the range, backward from its end if so told, until visit
// returns false or an error.
func (kr keyRange) each(bucket *bbolt.Bucket, backward bool, visit func(k, v []byte) (more bool, err error)) error {
	c := bucket.Cursor()
	next := c.Next
	if backward {
		next = c.Prev
	}
	k, v := kr.first(c, backward)
	for kr.contains(k) {
		if more, err := visit(k, v); err != nil || !more {
			return err
		}
		k, v = next()
	}
	return nil
}

func (kr keyRange) first(c *bbolt.Cursor, backward bool) (k, v []byte) {
	if !backward {
		return c.Seek(kr.from)
	}
	if kr.to != nil {
		if k, _ := c.Seek(kr.to); k != nil {
			return c.Prev()
		}
	}
	return c.Last()
}
