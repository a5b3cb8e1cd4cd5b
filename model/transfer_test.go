package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parcel is its owner's, who has no two of one name, and gives it away, as an editor does. sticker goes with it.
type parcel struct {
	Object
	Name string `dynamo:"name,allowempty"`
	Note string `dynamo:"note,allowempty"`
}

type sticker struct {
	Object
	ParcelID string `dynamo:"parcelId"`
}

func (*parcel) IsNode()  {}
func (*sticker) IsNode() {}

func (p *parcel) GlobalID() string  { return GlobalID("Parcel", p.ID) }
func (s *sticker) GlobalID() string { return GlobalID("Sticker", s.ID) }

var byOwnersName = Joined{Hash: []string{"ownerId"}, Sort: []SortPart{{Attribute: "name"}}}

// depot keeps parcels beside a blog. Ada and the editor see one another; nobody else sees anybody.
type depot struct {
	*blog
	parcels  *Model[parcel]
	stickers *Model[sticker]
}

func newDepot(t testing.TB) *depot {
	t.Helper()
	b, _ := errandsOf(t)
	d := &depot{b, New[parcel](b.DB, "Parcel", "parcels"), New[sticker](b.DB, "Sticker", "stickers")}
	Define(d.parcels, d.definition())
	Define(d.stickers, Definition[sticker]{
		Parents: []Parent[sticker]{{d.parcels, "parcelId", func(s *sticker) string { return s.ParcelID }, Cascade, false}},
		Rules:   []Rule{Allow(OnCreate|OnRead, Via("parcelId", OnRead))},
	})
	if _, err := b.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *depot) definition() Definition[parcel] {
	return Definition[parcel]{
		Uniques: []Unique[parcel]{{Field: "owner+name", Together: []string{"owner", "name"}, Value: func(p *parcel) string { return UniqueKey(p.OwnerID, p.Name) }}},
		Joined:  []Joined{byOwnersName},
		Rules: []Rule{
			Allow(OnCreate|OnRead|OnUpdate|OnDelete|OnTransfer, Owner),
			Allow(OnRead|OnTransfer, Groups("editor")),
			Allow(OnRead, Groups("reader")),
		},
	}
}

func (d *depot) newParcel(t testing.TB, caller Caller, name string) *parcel {
	t.Helper()
	return made[parcel](t)(d.parcels.Create(t.Context(), caller, func(p *parcel) { p.Name = name }))
}

// giving says whose a parcel becomes.
func giving(p *parcel, to Caller) TransferInput {
	return TransferInput{ID: p.GlobalID(), To: GlobalID("User", to.ID)}
}

// owned returns the names of what a user owns, by both indexes, which must agree.
func (d *depot) owned(t testing.TB, caller Caller) (names []string) {
	t.Helper()
	for _, edge := range made[Connection[parcel]](t)(d.parcels.List(t.Context(), System, byOwnersName.Index(), JoinedKey(caller.ID), Page{})).Edges {
		names = append(names, edge.Node.Name)
	}
	var again []string
	for _, edge := range made[Connection[parcel]](t)(d.parcels.ByOwner(t.Context(), System, caller.ID, Page{})).Edges {
		again = append(again, edge.Node.Name)
	}
	if slices.Sort(again); !slices.Equal(names, again) {
		t.Errorf("an index has %v, and another %v", names, again)
	}
	return names
}

// dropUser takes an account away, and nothing that it owned.
func (d *depot) dropUser(t testing.TB, caller Caller) {
	t.Helper()
	if err := d.users.Delete("id", caller.ID).Run(t.Context()); err != nil {
		t.Error(err)
	}
}

// deleteAccount deletes an account, and promises what it owned, as package account does.
func (d *depot) deleteAccount(t testing.TB, caller Caller) *Leaving {
	t.Helper()
	leaving := d.Leave(caller.ID)
	if err := leaving.Promise(d.WriteTx().Delete(d.users.Delete("id", caller.ID))).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return leaving
}

// TestTransfer has an item become another's: by all indexes, with what is unique for each owner, and by the rules
// from then on.
func TestTransfer(t *testing.T) {
	d := newDepot(t)
	p, other := d.newParcel(t, ada, "Books"), d.newParcel(t, ada, "Shoes")
	var seen []string
	redefine(d.parcels, func(d *Definition[parcel]) {
		d.Hooks.BeforeUpdate = func(_ context.Context, caller Caller, before, after *parcel) error {
			seen = append(seen, before.OwnerID+" "+after.OwnerID+" "+caller.ID)
			after.Note = "from " + caller.ID
			return nil
		}
	})
	redefine(d.parcels, func(d *Definition[parcel]) {
		d.Hooks.AfterUpdate = func(_ context.Context, _ Caller, before, after *parcel) error {
			seen = append(seen, fmt.Sprint(before.Version, after.Version))
			return nil
		}
	})
	given := made[parcel](t)(d.parcels.Transfer(t.Context(), ada, giving(p, editor)))
	if given.OwnerID != editor.ID || given.Version != 2 || given.Note != "from "+ada.ID || given.CreatedAt != p.CreatedAt {
		t.Errorf("it is %+v", given)
	}
	if want := []string{ada.ID + " " + editor.ID + " " + ada.ID, "1 2"}; !slices.Equal(seen, want) {
		t.Errorf("the hooks saw %q, want %q", seen, want)
	}
	if got := fmt.Sprint(d.owned(t, ada), d.owned(t, editor)); got != "[Shoes] [Books]" {
		t.Errorf("they own %s", got)
	}
	if _, err := d.parcels.Get(t.Context(), ada, p.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("who gave it away reads it: %v", err)
	}
	if _, err := d.parcels.Update(t.Context(), editor, p.GlobalID(), nil, func(p *parcel) { p.Note = "mine" }); err != nil {
		t.Errorf("who was given it: %v", err)
	}
	wantCount(t, d.uniques, 2)
	d.newParcel(t, ada, "Books") // whose name is free again
	second := d.newParcel(t, ada, "Tea")
	if _, err := d.parcels.Update(t.Context(), ada, second.GlobalID(), nil, func(p *parcel) { p.Name = "Books" }); !errors.Is(err, ErrTaken) {
		t.Errorf("a second of the name: %v", err)
	}
	if _, err := d.parcels.Transfer(t.Context(), editor, giving(other, editor)); err != nil {
		t.Errorf("to who asks: %v", err)
	}
	again := made[parcel](t)(d.parcels.Transfer(t.Context(), editor, giving(other, editor)))
	if again.Version != 2 || again.OwnerID != editor.ID {
		t.Errorf("to whose it is already: %+v", again)
	}
}

// TestTransferIsRefused: what is refused changes nothing, and tells nothing of whom the caller does not see.
func TestTransferIsRefused(t *testing.T) {
	d := newDepot(t)
	p := d.newParcel(t, ada, "Books")
	d.newParcel(t, editor, "Books")
	reader := Caller{ID: NewID(), Roles: []string{"reader"}}
	asked := func(change func(*TransferInput)) TransferInput {
		input := giving(p, ada)
		change(&input)
		return input
	}
	two := 2
	for name, test := range map[string]struct {
		caller Caller
		input  TransferInput
		want   error
		field  string
	}{
		"of nothing":               {ada, asked(func(i *TransferInput) { i.ID = GlobalID("Parcel", NewID()) }), ErrNotFound, ""},
		"of what is hidden":        {eve, giving(p, eve), ErrNotFound, ""},
		"by who only reads":        {reader, giving(p, reader), ErrForbidden, ""},
		"to nobody":                {ada, giving(p, Caller{ID: NewID()}), ErrNoParent, "to"},
		"to who is unseen":         {ada, giving(p, eve), ErrNoParent, "to"},
		"to what is no user":       {ada, asked(func(i *TransferInput) { i.To = p.GlobalID() }), ErrNoParent, "to"},
		"to no id":                 {ada, asked(func(i *TransferInput) { i.To = "" }), ErrNoParent, "to"},
		"at another version":       {ada, asked(func(i *TransferInput) { i.ExpectedVersion = &two }), ErrConflict, ""},
		"to who has such a one":    {ada, giving(p, editor), ErrTaken, "owner"},
		"by who may not to nobody": {reader, giving(p, Caller{ID: NewID()}), ErrForbidden, ""},
	} {
		_, err := d.parcels.Transfer(t.Context(), test.caller, test.input)
		if is := (*Error)(nil); !errors.Is(err, test.want) || errors.As(err, &is) && is.Field != test.field {
			t.Errorf("%s: %v, want %v of %q", name, err, test.want, test.field)
		}
		if is := made[parcel](t)(d.parcels.Get(t.Context(), System, p.ID)); is.OwnerID != ada.ID || is.Version != 1 {
			t.Fatalf("%s: it is %+v", name, is)
		}
	}
	_, first := d.parcels.Transfer(t.Context(), ada, giving(p, eve))
	_, second := d.parcels.Transfer(t.Context(), ada, giving(p, Caller{ID: NewID()}))
	if first.Error() != second.Error() {
		t.Errorf("%v, and of nobody %v", first, second)
	}
	if _, err := d.stickers.Transfer(t.Context(), System, TransferInput{ID: GlobalID("Sticker", NewID()), To: GlobalID("User", ada.ID)}); err == nil {
		t.Error("what no rule lets be given was given")
	}
}

// TestTransferByToken: a token needs the scope transfer, and to read what it is answered.
func TestTransferByToken(t *testing.T) {
	d := newDepot(t)
	for scopes, want := range map[string]error{
		"read:Parcel update:Parcel delete:Parcel create:Parcel": ErrForbidden,
		"transfer:Parcel":             ErrForbidden,
		"read:Parcel transfer:Parcel": nil,
	} {
		p := d.newParcel(t, ada, scopes)
		_, err := d.parcels.Transfer(t.Context(), ada.Within(ScopesOf(strings.Fields(scopes))), giving(p, editor))
		if !errors.Is(err, want) {
			t.Errorf("with %s: %v", scopes, err)
		}
	}
	if _, err := d.ParseScopes([]string{"read:Parcel", "transfer:Parcel"}); err != nil {
		t.Error(err)
	}
	for _, texts := range [][]string{{"transfer:Parcel"}, {"transfer:User", "read:User"}} {
		if _, err := d.ParseScopes(texts); err == nil {
			t.Errorf("%v are scopes", texts)
		}
	}
}

// TestTransferOfWhatHasMembers gives the new owner the highest role, as a member of before or a new one.
func TestTransferOfWhatHasMembers(t *testing.T) {
	for name, isMember := range map[string]bool{"a member": true, "nobody of it": false} {
		c := newClub(t)
		c.teams.core.definition.Rules = append(c.teams.core.definition.Rules, Allow(OnTransfer, Owner))
		rovers := c.newTeam(t, ada)
		if isMember {
			c.mustSeat(t, ada, rovers, eve, "GUEST")
		}
		made[team](t)(c.teams.Transfer(t.Context(), ada, TransferInput{ID: rovers.GlobalID(), To: GlobalID("User", eve.ID)}))
		if got := c.seat(t, rovers, eve); got == nil || got.Role != "CHAIR" {
			t.Errorf("%s: the new owner is %+v", name, got)
		}
		if said, are := c.counted(t, rovers); said != 2 || are != 2 {
			t.Errorf("%s: the team counts %d chairs, there are %d", name, said, are)
		}
		if found, err := c.teams.Get(t.Context(), ada, rovers.ID); err != nil || found.OwnerID != eve.ID {
			t.Errorf("%s: the team is %+v, %v", name, found, err)
		}
	}
}

// TestTransferInATransaction has what is made, changed and given away in one go be one write, by the rules as
// they are at each step.
func TestTransferInATransaction(t *testing.T) {
	d := newDepot(t)
	p := d.newParcel(t, ada, "Books")
	transfer := func(caller Caller, input TransferInput) func(context.Context) error {
		return ignoring(func(ctx context.Context) (*parcel, error) { return d.parcels.Transfer(ctx, caller, input) })
	}
	renaming := ignoring(func(ctx context.Context) (*parcel, error) {
		return d.parcels.Update(ctx, ada, p.GlobalID(), nil, func(p *parcel) { p.Name = "More books" })
	})
	if failed, err := d.together(t.Context(), transfer(ada, giving(p, editor)), renaming); failed != 1 || !errors.Is(err, ErrNotFound) {
		t.Errorf("changed after it was given away: part %d, %v", failed, err)
	}
	if failed, err := d.together(t.Context(), renaming, transfer(ada, giving(p, eve))); failed != 1 || !errors.Is(err, ErrNoParent) {
		t.Errorf("to who is unseen: part %d, %v", failed, err)
	}
	if got := fmt.Sprint(d.owned(t, ada)); got != "[Books]" {
		t.Errorf("ada owns %s", got)
	}
	id := GlobalID("Parcel", NewID())
	making := ignoring(func(ctx context.Context) (*parcel, error) {
		return d.parcels.Create(ctx, ada, func(p *parcel) { p.Name = "New"; GiveID(p, &id) })
	})
	to := GlobalID("User", editor.ID)
	if _, err := d.together(t.Context(), renaming, transfer(ada, giving(p, editor)), making, transfer(ada, TransferInput{ID: id, To: to})); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.owned(t, ada), d.owned(t, editor)); got != "[] [More books New]" {
		t.Errorf("they own %s", got)
	}
	wantCount(t, d.uniques, 2)
}

// TestTransferMeetsOthers has others come between: who changes, deletes or gives away the item, and accounts
// that go.
func TestTransferMeetsOthers(t *testing.T) {
	for name, test := range map[string]struct {
		between func(d *depot, p *parcel)
		want    error
		names   string // what ada and the editor own
	}{
		"a change": {func(d *depot, p *parcel) {
			made[parcel](t)(d.parcels.Update(t.Context(), ada, p.GlobalID(), nil, func(p *parcel) { p.Name = "Changed" }))
		}, nil, "[] [Changed]"},
		"a deletion": {func(d *depot, p *parcel) {
			made[parcel](t)(d.parcels.Delete(t.Context(), ada, p.GlobalID(), nil))
		}, ErrNotFound, "[] []"},
		"another who takes it": {func(d *depot, p *parcel) {
			made[parcel](t)(d.parcels.Transfer(t.Context(), editor, giving(p, editor)))
		}, ErrNotFound, "[] [Books]"},
		"the end of the account that it goes to": {func(d *depot, p *parcel) { d.dropUser(t, editor) }, ErrNoParent, "[Books] []"},
		"the end of the owner's account": {func(d *depot, p *parcel) {
			d.dropUser(t, ada)
			d.leave(t, ada)
		}, ErrNotFound, "[] []"},
	} {
		d := newDepot(t)
		p := d.newParcel(t, ada, "Books")
		d.client.AtFirst("TransactWriteItems", func() { test.between(d, p) })
		if _, err := d.parcels.Transfer(t.Context(), ada, giving(p, editor)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if got := fmt.Sprint(d.owned(t, ada), d.owned(t, editor)); got != test.names {
			t.Errorf("%s: they own %s, want %s", name, got, test.names)
		}
	}
	// A version that is expected is that of the write.
	d := newDepot(t)
	p := d.newParcel(t, ada, "Books")
	d.client.AtFirst("TransactWriteItems", func() {
		made[parcel](t)(d.parcels.Update(t.Context(), ada, p.GlobalID(), nil, func(p *parcel) { p.Note = "changed" }))
	})
	input, one := giving(p, editor), 1
	input.ExpectedVersion = &one
	if _, err := d.parcels.Transfer(t.Context(), ada, input); !errors.Is(err, ErrConflict) {
		t.Errorf("of another version: %v", err)
	}
}

// TestTransferAtOnce has several give one item away at once: to one of them it goes, whole.
func TestTransferAtOnce(t *testing.T) {
	d := newDepot(t)
	p := d.newParcel(t, ada, "Books")
	version := 1
	errs := atOnce(func(i int) error {
		input := giving(p, []Caller{ada, editor}[i%2])
		input.ExpectedVersion = &version
		_, err := d.parcels.Transfer(t.Context(), editor, input)
		return err
	})
	is := made[parcel](t)(d.parcels.Get(t.Context(), System, p.ID))
	for _, err := range errs {
		if err != nil && !errors.Is(err, ErrConflict) {
			t.Error(err)
		}
	}
	if is.OwnerID != editor.ID || is.Version != 2 || len(d.owned(t, editor)) != 1 || len(d.owned(t, ada)) != 0 {
		t.Errorf("it is %+v", is)
	}
	wantCount(t, d.uniques, 1)
}

// TestLeavingSparesWhatIsGivenAway: what is given away while its owner's account goes stays, with what belongs to
// it, whenever that is; the rest goes.
func TestLeavingSparesWhatIsGivenAway(t *testing.T) {
	for _, isUnique := range []bool{true, false} { // by which the removal deletes otherwise
		for calls := range 12 {
			d := newDepot(t)
			if !isUnique {
				d.parcels.core.definition.Uniques = nil
			}
			p, goes := d.newParcel(t, ada, "Books"), d.newParcel(t, ada, "Shoes")
			for _, of := range []*parcel{p, goes} {
				made[sticker](t)(d.stickers.Create(t.Context(), editor, func(s *sticker) { s.ParcelID = of.ID }))
			}
			leaving := d.deleteAccount(t, ada)
			var given error
			isTried, left := false, calls
			d.client.Before = func(string) error {
				if left--; left < 0 && !isTried {
					isTried, d.client.Before = true, nil
					_, given = d.parcels.Transfer(t.Context(), editor, giving(p, editor))
				}
				return nil
			}
			if _, err := leaving.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.client.Before = nil
			d.drain(t)
			want := 0
			if isTried && given == nil {
				want = 1
			} else if isTried && !errors.Is(given, ErrNotFound) {
				t.Errorf("after %d calls: %v", calls, given)
			}
			wantCount(t, d.parcels.core.table, want)
			wantCount(t, d.stickers.core.table, want)
			if isUnique {
				wantCount(t, d.uniques, want)
			}
		}
	}
}

// TestLeavingFindsWhatWasGiven: what somebody was given whose account goes at that moment goes with it, though the
// index shows it later.
func TestLeavingFindsWhatWasGiven(t *testing.T) {
	d := newDepot(t)
	p := d.newParcel(t, ada, "Books")
	leaving := d.Leave(editor.ID)
	made[parcel](t)(d.parcels.Transfer(t.Context(), ada, giving(p, editor)))
	if err := leaving.Promise(d.WriteTx().Delete(d.users.Delete("id", editor.ID))).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := leaving.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.drain(t)
	wantCount(t, d.parcels.core.table, 0)
	wantCount(t, d.uniques, 0)
}

// TestRemovalKnowsTheOwner: a removal that found an item while it was another's, as an index may show it, leaves
// it; what goes with something else as well goes.
func TestRemovalKnowsTheOwner(t *testing.T) {
	d := newDepot(t)
	stays, goes := d.newParcel(t, editor, "Stays"), d.newParcel(t, ada, "Goes")
	below := made[sticker](t)(d.stickers.Create(t.Context(), editor, func(s *sticker) { s.ParcelID = stays.ID }))
	err := d.remove(t.Context(), []frame{{Type: "Parcel", Field: ByOwner.Hash, Value: ada.ID, IDs: []string{stays.ID, goes.ID, NewID()}, IsOpen: true}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := d.parcels.core.read(t.Context(), []string{stays.ID, goes.ID})
	if err != nil || len(found) != 1 || found[stays.ID] == nil {
		t.Errorf("there are %v, %v", found, err)
	}
	if there, err := d.stickers.core.there(t.Context(), []string{below.ID}); err != nil || !there[below.ID] {
		t.Errorf("what belongs to it has gone: %v", err)
	}
	wantCount(t, d.uniques, 1)
}

// TestTransferWrites: an explanation has as many writes as there are, at most.
func TestTransferWrites(t *testing.T) {
	d := newDepot(t)
	p := d.newParcel(t, ada, "Books")
	tx := d.newTx()
	if _, err := d.parcels.In(tx).Transfer(t.Context(), ada, giving(p, editor)); err != nil {
		t.Fatal(err)
	}
	plan := &txPlan{checked: map[txKey]bool{}}
	for _, item := range tx.items {
		if err := item.plan(t.Context(), tx, plan); err != nil {
			t.Fatal(err)
		}
	}
	if err := plan.addClaims(d.DB, map[string]bool{}); err != nil {
		t.Fatal(err)
	}
	if told := d.parcels.WriteOf(OnTransfer); told.Actions != len(plan.actions) || told.IsHooked {
		t.Errorf("%d actions, told %+v", len(plan.actions), told)
	}
}

// TestSweepSparesWhatIsGivenAway: what lost its owner, and is given to somebody as it is swept, stays.
func TestSweepSparesWhatIsGivenAway(t *testing.T) {
	for calls := range 12 {
		d := newDepot(t)
		p := d.newParcel(t, ada, "Books")
		d.dropUser(t, ada)
		var given error
		isTried, left := false, calls
		d.client.Before = func(string) error {
			if left--; left < 0 && !isTried {
				isTried, d.client.Before = true, nil
				_, given = d.parcels.Transfer(t.Context(), editor, giving(p, editor))
			}
			return nil
		}
		if _, err := d.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.client.Before = nil
		want := 0
		if isTried && given == nil {
			want = 1
		}
		wantCount(t, d.parcels.core.table, want)
		wantCount(t, d.uniques, want)
	}
}
