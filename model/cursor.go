package model

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
)

// A position is a place in an index, for any hash key: that of an item, which may be
// gone by now.
type position struct {
	sort types.AttributeValue // *S or *N
	id   string
}

// positionOf returns where the item is in the index.
func (x Index) positionOf(item dynamo.Item) position {
	id, _ := item["id"].(*types.AttributeValueMemberS)
	return position{item[x.Sort], id.Value}
}

// key returns the position as an ExclusiveStartKey.
func (x Index) key(hash types.AttributeValue, at position) dynamo.PagingKey {
	return dynamo.PagingKey{
		x.Hash: hash,
		x.Sort: at.sort,
		"id":   &types.AttributeValueMemberS{Value: at.id},
	}
}

// encodeCursor returns the position as an opaque text: base64url of a checksum and the
// position's bytes. The checksum covers the list's name, so that a cursor of a list in
// another order is known as foreign.
func encodeCursor(list string, at position) string {
	body := at.bytes()
	return base64.RawURLEncoding.EncodeToString(append(checksum(list, body), body...))
}

// decodeCursor takes a cursor of the list apart. It is not ok unless encodeCursor
// would have written it so, to the letter.
func decodeCursor(list, cursor string) (at position, ok bool) {
	text, ok := cursorBytes(cursor)
	if !ok || len(text) < crc32.Size {
		return at, false
	}
	body := text[crc32.Size:]
	at, ok = positionIn(body)
	return at, ok && bytes.Equal(text[:crc32.Size], checksum(list, body)) && encodeCursor(list, at) == cursor
}

// cursorBytes returns what is in the text of a cursor, unless it is none at first sight.
func cursorBytes(cursor string) (text []byte, ok bool) {
	if len(cursor) > 2*maxKeySize {
		return nil, false
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	return text, err == nil
}

// sealCursor is encodeCursor of a position that the client is not to read: there is an
// item that it may not know of.
func (s sealer) sealCursor(list string, at position) string {
	return base64.RawURLEncoding.EncodeToString(s.seal(list, at.bytes()))
}

// openCursor takes apart what sealCursor returns.
func (s sealer) openCursor(list, cursor string) (at position, ok bool) {
	text, ok := cursorBytes(cursor)
	if !ok {
		return at, false
	}
	body, ok := s.open(list, text)
	if !ok {
		return at, false
	}
	return positionIn(body)
}

// bytes returns the position as 16 bytes of its id (see NewID) and, unless that is the sort
// key, the sort key's type and value.
func (at position) bytes() []byte {
	id, _ := uuid.Parse(at.id)
	body := id[:]
	switch sort := at.sort.(type) {
	case *types.AttributeValueMemberN:
		body = append(append(body, 'N'), sort.Value...)
	case *types.AttributeValueMemberS:
		if sort.Value != at.id {
			body = append(append(body, 'S'), sort.Value...)
		}
	}
	return body
}

// positionIn returns the position that bytes has put into the body.
func positionIn(body []byte) (at position, ok bool) {
	const idSize = len(uuid.UUID{})
	if len(body) < idSize {
		return at, false
	}
	at.id = uuid.UUID(body[:idSize]).String()
	at.sort = &types.AttributeValueMemberS{Value: at.id}
	if sort := body[idSize:]; len(sort) > 0 {
		switch value := string(sort[1:]); sort[0] {
		case 'N':
			at.sort = &types.AttributeValueMemberN{Value: value}
		case 'S':
			at.sort = &types.AttributeValueMemberS{Value: value}
		}
	}
	return at, true
}

func checksum(list string, body []byte) []byte {
	sum := crc32.Update(crc32.ChecksumIEEE([]byte(list)), crc32.IEEETable, body)
	return binary.BigEndian.AppendUint32(nil, sum)
}

// listName is what tells the index's cursors from foreign ones. In every list of the
// type that is ordered by id, an item is at the same place: those share their cursors,
// so that the edge of a payload can go into each, see asEdge.
func (m *Model[T]) listName(index Index) string {
	if index.Sort == "id" {
		return m.typeName + "/id"
	}
	return m.typeName + "/" + index.name()
}

// position returns where a cursor of the index points, nil for nil. Code BAD_USER_INPUT
// for field: it is none that a list by this index, or one in the same order, has given.
func (m *Model[T]) position(index Index, field string, cursor *string) (*position, error) {
	if cursor == nil {
		return nil, nil
	}
	at, ok := decodeCursor(m.listName(index), *cursor)
	if !ok {
		at, ok = m.db.sealer.openCursor(m.listName(index), *cursor)
	}
	if ok {
		at.sort, ok = m.sortKey(index, at)
	}
	if !ok {
		return nil, badCursor(field)
	}
	return &at, nil
}

// sortKey returns the position's sort key as an item has it. It is not ok where no
// item can.
func (m *Model[T]) sortKey(index Index, at position) (sort types.AttributeValue, ok bool) {
	value := new(T)
	if err := dynamo.UnmarshalItem(dynamo.Item{index.Sort: at.sort}, value); err != nil {
		return nil, false
	}
	item, err := dynamo.MarshalItem(value)
	if err != nil {
		return nil, false
	}
	sort = item[index.Sort]
	if text, isText := sort.(*types.AttributeValueMemberS); isText {
		given, isText := at.sort.(*types.AttributeValueMemberS)
		if !isText || given.Value != text.Value || index.Sort == "id" && text.Value != at.id {
			return nil, false
		}
	}
	return sort, isKey(sort, maxSortKeySize)
}

// badCursor refuses a cursor that is none of the list.
func badCursor(field string) error {
	return BadInput(field, field+" is a cursor of this list, as its edges and pageInfo have it")
}

// EncodeIDCursor returns the cursor of an id in a list by id that no model keeps.
func EncodeIDCursor(list, id string) string {
	return encodeCursor(list, position{&types.AttributeValueMemberS{Value: id}, id})
}

// DecodeIDCursor returns the id that EncodeIDCursor was given. Code BAD_USER_INPUT for field:
// it is none of that list.
func DecodeIDCursor(list, field, cursor string) (id string, err error) {
	at, ok := decodeCursor(list, cursor)
	if sort, isText := at.sort.(*types.AttributeValueMemberS); !ok || !isText || sort.Value != at.id {
		return "", badCursor(field)
	}
	return at.id, nil
}
