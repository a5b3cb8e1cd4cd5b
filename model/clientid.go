package model

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// clientIDWithin is by how much the time of a client's id may differ from now. Ids are in the order in which
// objects were made, and lists by id in that of age: whoever could choose any time would put objects anywhere
// in them. A day is for what was made while the client had no network, and for clocks that are wrong.
const clientIDWithin = 24 * time.Hour

// GiveID has a new item get the global id that a client gives, if it gives one. It is for the functions that
// fill in what [Model.Create], [Model.CreateOnce] and [Model.CreateAll] make, which refuse what is no such id:
// one of the type, of a UUIDv7 that was made within a day of now.
func GiveID[T any, P objectOf[T]](item P, global *string) { item.base().givenID = global }

// idField is what create inputs call it.
const idField = "id"

// errIDTaken tells that there is an object with the id, whosever that is.
var errIDTaken = &Error{Code: CodeConflict, Field: idField, Kind: errMade, Message: "this id is taken, or was: make another"}

// clientID returns the id that is in a global one of a client's. Code BAD_USER_INPUT: it is none that a new
// item may have.
func (m *core) clientID(global string) (string, error) {
	of, id, isID := ParseGlobalID(global)
	parsed, err := uuid.Parse(id)
	if !isID || of != m.name() || err != nil || parsed.Version() != 7 || parsed.Variant() != uuid.RFC4122 {
		return "", BadInput(idField, fmt.Sprintf("id: that of a new object is the base64 of %q and a UUIDv7 in small letters", m.name()+":"))
	}
	if m.isFarAbove() {
		return "", BadInput(idField, "id: objects of this type are given theirs by the server, since rules of what is below know them by it")
	}
	seconds, nanoseconds := parsed.Time().UnixTime()
	if age := time.Since(time.Unix(seconds, nanoseconds)); age.Abs() > clientIDWithin {
		return "", BadInput(idField, "id: its UUIDv7 is to be of a time within a day of now")
	}
	return id, nil
}

// creationByID returns how a create under a client's id is known when it is sent again: by the id. An
// anonymous one is not.
func (m *core) creationByID(caller Caller, item anyItem) (*creation, error) {
	id, err := m.clientID(*item.base().givenID)
	if err != nil {
		return nil, err
	}
	input, err := m.inputOf(item)
	if err != nil {
		return nil, err
	}
	c := &creation{ids: []string{id}, input: input, scope: "create by id\x00" + caller.ID + "\x00" + m.name() + "\x00" + id, isByID: true}
	if !caller.isSignedIn() {
		c.scope += "\x00" + NewID()
	}
	return c, nil
}

// checkFree returns errIDTaken where something belongs to the id already: its object has been deleted, and what
// belongs to that is going still. Whoever took the id would own what it led to.
func (m *core) checkFree(ctx context.Context, id string) error {
	for _, child := range m.children {
		ids, _, err := child.model.listIDs(ctx, child.index, id, "", 1)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			return errIDTaken
		}
	}
	return nil
}

// taken returns what is told where the item of a creation cannot be made, since one with its id is there.
func (c *creation) taken() *Error {
	if c.isByID {
		return errIDTaken
	}
	return errMade
}

// twice refuses a second creation of the kind in one transaction.
func (c *creation) twice() *Error {
	if c.isByID {
		return errIDTaken
	}
	return errSentOtherwise
}
