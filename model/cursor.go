package model

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
)

// A position is a place in an index, for any hash key: that of an item, which may be
// gone by now.
type position struct {
	sort types.AttributeValue // *S or *N
	id   string
}

// positionOf returns where the item is in the index.
func (x Index) positionOf(item dynamo.Item) position { return x.placeOf(itembytes.FoundItem(item)).at }

// A metItem is an item that a walk has come upon, and where.
type metItem struct {
	found itembytes.Found
	at    position
}

// placeOf returns an item with its place in the index.
func (x Index) placeOf(found itembytes.Found) metItem {
	sort := found.Attribute(x.Sort)
	id, _ := sort.(*types.AttributeValueMemberS)
	if x.Sort != "id" {
		id, _ = found.Attribute("id").(*types.AttributeValueMemberS)
	}
	return metItem{found, position{sort, id.Value}}
}

// key returns the position as an ExclusiveStartKey.
func (x Index) key(hash types.AttributeValue, at position) dynamo.PagingKey {
	return dynamo.PagingKey{
		x.Hash: hash,
		x.Sort: at.sort,
		"id":   &types.AttributeValueMemberS{Value: at.id},
	}
}

// A scope is where cursors are good: one list, as one caller reads it.
type scope string

// scopeOf returns the scope of the list of the items whose attribute index.Hash is hash.
func (m *core) scopeOf(caller Caller, index Index, hash types.AttributeValue) scope {
	kind, value := "S", ""
	switch hash := hash.(type) {
	case *types.AttributeValueMemberS:
		value = hash.Value
	case *types.AttributeValueMemberN:
		kind, value = "N", hash.Value
	}
	return scope(strings.Join([]string{caller.ID, m.name(), index.name(), kind, value}, "\x00"))
}

// under returns the scope of the list under a filter; nil is none.
func (s scope) under(f *meaning) scope {
	if f == nil {
		return s
	}
	return s + "\x00" + scope(f.digest[:])
}

// encodeCursor returns a cursor of the position that is good in these scopes.
func (s sealer) encodeCursor(at position, scopes ...scope) string {
	taggers := make([]*tagger, len(scopes))
	for i, scope := range scopes {
		taggers[i] = s.tagger(string(scope))
	}
	return cursorOf(at, taggers...)
}

// cursorOf returns the position as an opaque text: base64url of how many scopes it is good in, a
// tag for each of those, and the position's bytes.
func cursorOf(at position, scopes ...*tagger) string {
	body := at.bytes()
	text := make([]byte, 0, 1+len(scopes)*tagSize+len(body))
	text = append(text, byte(len(scopes)))
	for _, scope := range scopes {
		text = append(text, scope.tag(body)...)
	}
	return base64.RawURLEncoding.EncodeToString(append(text, body...))
}

// decodeCursor takes a cursor apart that encodeCursor or sealCursor has made for the scope.
func (s sealer) decodeCursor(scope scope, cursor string) (at position, ok bool) {
	text, ok := cursorBytes(cursor)
	if !ok || len(text) == 0 {
		return at, false
	}
	if end := 1 + int(text[0])*tagSize; end <= len(text) {
		tags := slices.Collect(slices.Chunk(text[1:end], tagSize))
		if s.isTag(string(scope), text[end:], tags...) {
			return positionIn(text[end:])
		}
	}
	body, ok := s.open(string(scope), text)
	if !ok {
		return at, false
	}
	return positionIn(unpadded(body))
}

// cursorBytes returns what is in the text of a cursor, unless it is none at first sight.
func cursorBytes(cursor string) (text []byte, ok bool) {
	if len(cursor) > 2*maxKeySize {
		return nil, false
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	return text, err == nil && base64.RawURLEncoding.EncodeToString(text) == cursor // it may have had line breaks
}

// sealCursor is encodeCursor of a position that the client is not to read: there is an
// item that it may not know of.
func (s sealer) sealCursor(at position, scope scope) string {
	return base64.RawURLEncoding.EncodeToString(s.seal(string(scope), padded(at)))
}

// padded returns the position's bytes with others behind them, so that their number tells nothing
// of the item's sort key.
func padded(at position) []byte {
	body := at.bytes()
	size := len(uuid.UUID{})
	switch sort := at.sort.(type) {
	case *types.AttributeValueMemberN:
		size += 1 + maxNumberSize
	case *types.AttributeValueMemberS:
		if sort.Value != at.id {
			size += 1 + maxSortKeySize
		}
	}
	body = append(body, paddingBegins)
	return append(body, make([]byte, max(0, size-len(body)+1))...)
}

// paddingBegins stands behind what is padded, and zeros behind it.
const paddingBegins = 1

// unpadded returns what padded has put others behind.
func unpadded(body []byte) []byte {
	for i, each := range slices.Backward(body) {
		switch each {
		case 0:
		case paddingBegins:
			return body[:i]
		default:
			return nil
		}
	}
	return nil
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

// position returns where a cursor of the scope points, nil for nil. Code BAD_USER_INPUT for field:
// it is none that the list has given the caller.
func (m *core) position(scope scope, index Index, field string, cursor *string) (*position, error) {
	if cursor == nil {
		return nil, nil
	}
	at, ok := m.db.sealer.decodeCursor(scope, *cursor)
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
func (m *core) sortKey(index Index, at position) (sort types.AttributeValue, ok bool) {
	if slices.Contains(m.joined, index.Sort) {
		return at.sort, isSortTextOf(at.sort, at.id)
	}
	value := m.zero()
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

// EncodeIDCursor returns the cursor of an id in a list by id that no model keeps. list names it,
// and whose it is.
func (db *DB) EncodeIDCursor(list, id string) string {
	return db.sealer.encodeCursor(position{&types.AttributeValueMemberS{Value: id}, id}, scope(list))
}

// DecodeIDCursor returns the id that EncodeIDCursor was given. Code BAD_USER_INPUT for field:
// it is none of that list.
func (db *DB) DecodeIDCursor(list, field, cursor string) (id string, err error) {
	at, ok := db.sealer.decodeCursor(scope(list), cursor)
	if !ok {
		return "", badCursor(field)
	}
	return at.id, nil
}
