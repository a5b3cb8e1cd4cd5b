package model

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// keyMadeAt returns a UUIDv7 of that moment.
func keyMadeAt(at time.Time) *string {
	var id uuid.UUID
	rand.Read(id[:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	text := id.String()
	return &text
}

// TestCreateOnce sends a create again in each way in which an item is written: by itself, with a
// unique value, and with a parent.
func TestCreateOnce(t *testing.T) {
	b := newBlog(t)
	parent := b.newPost(t, ada, "parent")
	type made struct{ id, says string }
	ways := map[string]func(caller Caller, key *string, says string) (made, error){
		"by itself": func(caller Caller, key *string, says string) (made, error) {
			n, err := b.notices.CreateOnce(t.Context(), caller, key, func(n *notice) { n.Board = says })
			if err != nil {
				return made{}, err
			}
			return made{n.ID, n.Board}, nil
		},
		"with a unique value": func(caller Caller, key *string, says string) (made, error) {
			p, err := b.posts.CreateOnce(t.Context(), caller, key, func(p *post) { p.Slug = says + caller.ID })
			if err != nil {
				return made{}, err
			}
			return made{p.ID, strings.TrimSuffix(p.Slug, caller.ID)}, nil
		},
		"with a parent": func(caller Caller, key *string, says string) (made, error) {
			c, err := b.comments.CreateOnce(t.Context(), caller, key, func(c *comment) { c.Body, c.PostID = says, parent.ID })
			if err != nil {
				return made{}, err
			}
			return made{c.ID, c.Body}, nil
		},
		"in a transaction": func(caller Caller, key *string, says string) (is made, err error) {
			err = b.Transact(t.Context(), func(tx *Tx) error {
				n, err := b.notices.In(tx).CreateOnce(t.Context(), caller, key, func(n *notice) { n.Board = says })
				if err == nil {
					is = made{n.ID, n.Board}
				}
				return err
			})
			return is, err
		},
	}
	const first, second = "first", "second"
	for name, create := range ways {
		t.Run(name, func(t *testing.T) {
			key := keyMadeAt(time.Now().Add(-time.Minute))
			one, err := create(ada, key, first)
			if err != nil || one.says != first {
				t.Fatalf("%+v, %v", one, err)
			}
			if got, want := uuid.MustParse(one.id), uuid.MustParse(*key); !slices.Equal(got[:6], want[:6]) || got == want {
				t.Errorf("the id is %s, want another one of the time of %s", got, want)
			}
			if again, err := create(ada, key, first); err != nil || again != one {
				t.Errorf("again: %+v, %v; want %+v", again, err, one)
			}
			_, err = create(ada, key, second)
			wantErrorOf(t, err, ErrConflict, "clientMutationId")
			if another, err := create(ada, keyMadeAt(time.Now()), second); err != nil || another.id == one.id {
				t.Errorf("by another key: %+v, %v", another, err)
			}
			if name != "with a parent" { // which is ada's alone to read
				if others, err := create(eve, key, first); err != nil || others.id == one.id {
					t.Errorf("of another caller: %+v, %v", others, err)
				}
			}

			racing := keyMadeAt(time.Now())
			ids := map[string]bool{}
			results := make([]made, 16)
			for i, err := range atOnce(func(i int) (err error) { results[i], err = create(ada, racing, "racing"); return err }) {
				if err != nil {
					t.Errorf("at once: %v", err)
				}
				ids[results[i].id] = true
			}
			if len(ids) != 1 {
				t.Errorf("16 at once make %d objects", len(ids))
			}
		})
	}
}

// TestCreateOnceKnowsKeys: what is none of its keys is any text, and makes an item each time.
func TestCreateOnceKnowsKeys(t *testing.T) {
	b := newBlog(t)
	text := func(s string) *string { return &s }
	for _, test := range []struct {
		name   string
		caller Caller
		key    *string
		isKey  bool
	}{
		{"none", ada, nil, false},
		{"a number, as Relay sends", ada, text("0"), false},
		{"a random UUID", ada, text(uuid.NewString()), false},
		{"in capitals", ada, text(strings.ToUpper(*keyMadeAt(time.Now()))), false},
		{"in braces", ada, text("{" + *keyMadeAt(time.Now()) + "}"), false},
		{"of now", ada, keyMadeAt(time.Now()), true},
		{"of nine minutes ago", ada, keyMadeAt(time.Now().Add(-9 * time.Minute)), true},
		{"of eleven minutes ago", ada, keyMadeAt(time.Now().Add(-11 * time.Minute)), false},
		{"of a clock that is ahead", ada, keyMadeAt(time.Now().Add(50 * time.Second)), true},
		{"of the future", ada, keyMadeAt(time.Now().Add(2 * time.Minute)), false},
		{"of nobody", anonymous, keyMadeAt(time.Now()), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			creation, err := b.notices.core.creationOf(test.caller, test.key, untypedSet(func(n *notice) { n.Board = "b" }), bulkPart{})
			if err != nil || (creation != nil) != test.isKey {
				t.Errorf("%v, %v", creation, err)
			}
		})
	}
	once, twice := keyMadeAt(time.Now().Add(-time.Hour)), map[string]bool{}
	for range 2 {
		n, err := b.notices.CreateOnce(t.Context(), ada, once, func(n *notice) { n.Board = "b" })
		if err != nil {
			t.Fatal(err)
		}
		twice[n.ID] = true
	}
	if len(twice) != 2 {
		t.Error("an old key is known again")
	}
}

// TestCreateOnceMeanwhile changes and deletes the object before its create comes again, and
// replaces the server's keys.
func TestCreateOnceMeanwhile(t *testing.T) {
	b := newBlog(t)
	keys := [][]byte{make([]byte, sealKeySize), slices.Repeat([]byte{1}, sealKeySize)}
	b.sealer = newSealer(keys[:1])
	key := keyMadeAt(time.Now())
	create := func() (*post, error) {
		return b.posts.CreateOnce(t.Context(), ada, key, func(p *post) { p.Slug, p.Title = "slug", "T" })
	}
	first := made[post](t)(create())
	made[post](t)(b.posts.Update(t.Context(), ada, first.GlobalID(), nil, func(p *post) { p.Title, p.Slug = "changed", "other" }))
	again := made[post](t)(create())
	if again.ID != first.ID || again.Title != "changed" || again.Version != 2 {
		t.Errorf("after a change: %+v", again)
	}
	b.sealer = newSealer([][]byte{keys[1], keys[0]})
	if again := made[post](t)(create()); again.ID != first.ID {
		t.Error("after the keys are rotated it is made anew")
	}
	made[post](t)(b.posts.Delete(t.Context(), ada, first.GlobalID(), nil))
	if anew := made[post](t)(create()); anew.Version != 1 || anew.Title != "T" {
		t.Errorf("after a deletion: %+v", anew)
	}
}

// TestCreateOnceRunsHooks once, whatever becomes of the first answer.
func TestCreateOnceRunsHooks(t *testing.T) {
	b := newBlog(t)
	var ran []string
	hook := func(name string, fails error) func(context.Context, Caller, *notice) error {
		return func(context.Context, Caller, *notice) error {
			ran = append(ran, name)
			return fails
		}
	}
	failing := errors.New("after all")
	redefine(b.notices, func(d *Definition[notice]) {
		d.Hooks = Hooks[notice]{BeforeCreate: hook("before", nil), AfterCreate: hook("after", failing)}
	})
	key := keyMadeAt(time.Now())
	set := func(n *notice) { n.Board = "b" }
	_, err := b.notices.CreateOnce(t.Context(), ada, key, set)
	wantError(t, err, failing)
	for range 2 {
		made[notice](t)(b.notices.CreateOnce(t.Context(), ada, key, set))
	}
	if !slices.Equal(ran, []string{"before", "after"}) {
		t.Errorf("%v", ran)
	}
	wantCount(t, b.notices.core.table, 1)
}

// TestCreateOnceInTransaction: what a transaction writes beside is written once, too.
func TestCreateOnceInTransaction(t *testing.T) {
	b := newBlog(t)
	counter := b.newPost(t, ada, "counter")
	key := keyMadeAt(time.Now())
	for range 3 {
		err := b.Transact(t.Context(), func(tx *Tx) error {
			if _, err := b.notices.In(tx).CreateOnce(t.Context(), ada, key, func(n *notice) { n.Board = "b" }); err != nil {
				return err
			}
			_, err := b.posts.In(tx).Update(t.Context(), ada, counter.GlobalID(), nil, func(p *post) { p.Likes++ })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if is := made[post](t)(b.posts.Get(t.Context(), ada, counter.ID)); is.Likes != 1 {
		t.Errorf("counted %d times", is.Likes)
	}
	wantCount(t, b.notices.core.table, 1)

	err := b.Transact(t.Context(), func(tx *Tx) error {
		key := keyMadeAt(time.Now())
		for range 2 {
			if _, err := b.notices.In(tx).CreateOnce(t.Context(), ada, key, func(n *notice) { n.Board = "b" }); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "twice by one key") {
		t.Errorf("two by one key: %v", err)
	}
}
