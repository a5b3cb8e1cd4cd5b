package model

import (
	"errors"
	"slices"
	"testing"
)

// A moving club is one whose cards move from board to board and, unless these are fixed, whose boards from team to
// team. Ada chairs both
// teams, eve is a guest of the first, the editor one of the second.
type movingClub struct {
	*club
	here, there *team
	from, to    *pinboard // of either team
	mow         *card     // on the first board
	where       *remark   // on it
}

func newMovingClub(t testing.TB, boardsMove bool) *movingClub {
	t.Helper()
	c := newClub(t)
	c.cards.core.definition.Parents[0].Movable = true
	if boardsMove {
		c.boards.core.definition.Parents[0].Movable = true
		c.cards.core.definition.Ancestors[0].ID = nil
	}
	c.remarks.core.definition.Ancestors[0].ID = nil
	m := &movingClub{club: c, here: c.newTeam(t, ada), there: c.newTeam(t, ada)}
	c.mustSeat(t, ada, m.here, eve, "GUEST")
	c.mustSeat(t, ada, m.there, editor, "GUEST")
	m.from, m.to = m.newBoard(t, m.here), m.newBoard(t, m.there)
	m.mow = made[card](t)(c.cards.Create(t.Context(), ada, func(item *card) { item.Text, item.BoardID = "Mow", m.from.ID }))
	m.where = made[remark](t)(c.remarks.Create(t.Context(), ada, func(r *remark) { r.Text, r.CardID = "Where?", m.mow.ID }))
	return m
}

func (m *movingClub) newBoard(t testing.TB, of *team) *pinboard {
	t.Helper()
	return made[pinboard](t)(m.boards.Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "To do", of.ID }))
}

// wantReaders has the card and its remark be read by some, and not by others.
func (m *movingClub) wantReaders(t *testing.T, when string, may, mayNot Caller) {
	t.Helper()
	for who, want := range map[string]error{may.ID: nil, mayNot.ID: ErrNotFound} {
		if _, err := m.cards.Get(t.Context(), Caller{ID: who}, m.mow.ID); !errors.Is(err, want) {
			t.Errorf("%s %s reads the card: %v", when, who, err)
		}
		if _, err := m.remarks.Get(t.Context(), Caller{ID: who}, m.where.ID); !errors.Is(err, want) {
			t.Errorf("%s %s reads the remark: %v", when, who, err)
		}
		page, err := m.remarks.ByParent(t.Context(), Caller{ID: who}, "cardId", m.mow.ID, Page{})
		if isSeen := err == nil && len(page.Edges) == 1; isSeen != (want == nil) {
			t.Errorf("%s %s lists the remark: %v, %v", when, who, isSeen, err)
		}
	}
}

// TestMove has rules follow what moves, and all that is below it.
func TestMove(t *testing.T) {
	for _, boardsMove := range []bool{false, true} {
		m := newMovingClub(t, boardsMove)
		m.wantReaders(t, "before all", eve, editor)
		moved := made[card](t)(m.cards.Update(t.Context(), ada, m.mow.GlobalID(), nil, func(item *card) { item.BoardID = m.to.ID }))
		if moved.BoardID != m.to.ID || moved.Version != 2 {
			t.Errorf("the card is %+v", moved)
		}
		m.wantReaders(t, "with the card moved", editor, eve)
		for board, want := range map[*pinboard]int{m.from: 0, m.to: 1} {
			if page := made[Connection[card]](t)(m.cards.ByParent(t.Context(), System, "boardId", board.ID, Page{})); len(page.Edges) != want {
				t.Errorf("a board has %d cards, want %d", len(page.Edges), want)
			}
		}
		if boardsMove {
			made[pinboard](t)(m.boards.Update(t.Context(), ada, m.to.GlobalID(), nil, func(b *pinboard) { b.TeamID = m.here.ID }))
			m.wantReaders(t, "with its board moved", eve, editor)
		}
	}
}

// TestMoveIsRefused leaves where it is what would move to where the caller may not change, or see, anything.
func TestMoveIsRefused(t *testing.T) {
	m := newMovingClub(t, true)
	m.seats.Update(t.Context(), ada, m.seat(t, m.here, eve).GlobalID(), nil, func(s *seat) { s.Role = "CLERK" })
	hidden := NewID()
	for board, want := range map[string]error{m.to.ID: ErrNoParent, hidden: ErrNoParent, m.newBoard(t, m.here).ID: ErrForbidden} {
		_, err := m.cards.Update(t.Context(), eve, m.mow.GlobalID(), nil, func(item *card) { item.BoardID = board })
		refused := new(Error)
		if !errors.Is(err, want) || !errors.As(err, &refused) || refused.Field != "boardId" {
			t.Errorf("a clerk of the first team moves the card: %v, want %v", err, want)
		}
	}
	if is := made[card](t)(m.cards.Get(t.Context(), eve, m.mow.ID)); is.BoardID != m.from.ID || is.Version != 1 {
		t.Errorf("the card is %+v", is)
	}
}

// TestMoveInATransaction has a card move to a board that the same transaction makes, or not at all.
func TestMoveInATransaction(t *testing.T) {
	m := newMovingClub(t, true)
	refusal := errors.New("not today")
	for _, want := range []error{refusal, nil} {
		err := m.Transact(t.Context(), func(tx *Tx) error {
			board, err := m.boards.In(tx).Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "Done", m.there.ID })
			if err != nil {
				return err
			}
			if _, err := m.cards.In(tx).Update(t.Context(), ada, m.mow.GlobalID(), nil, func(item *card) { item.BoardID = board.ID }); err != nil {
				return err
			}
			return want
		})
		if !errors.Is(err, want) {
			t.Fatal(err)
		}
		if want != nil {
			m.wantReaders(t, "after nothing", eve, editor)
		} else {
			m.wantReaders(t, "after the transaction", editor, eve)
		}
	}
}

// onBoard puts a new card with a remark on a board.
func (m *movingClub) onBoard(t testing.TB, board *pinboard) *card {
	t.Helper()
	c := made[card](t)(m.cards.Create(t.Context(), ada, func(item *card) { item.Text, item.BoardID = "Rake", board.ID }))
	made[remark](t)(m.remarks.Create(t.Context(), ada, func(r *remark) { r.Text, r.CardID = "When?", c.ID }))
	return c
}

// TestRemovalSparesWhatMoves deletes a board while a card of it moves to another one, at every moment: it is
// there, with its remark, or the move is refused.
func TestRemovalSparesWhatMoves(t *testing.T) {
	m := newMovingClub(t, false) // so that who may move a card is known when its board is gone
	for calls := range 14 {
		from := m.newBoard(t, m.here)
		moves := m.onBoard(t, from)
		m.onBoard(t, from)
		var moved error
		isTried, left := false, calls
		m.client.Before = func(string) error {
			if left--; left < 0 && !isTried {
				isTried, m.client.Before = true, nil
				_, moved = m.cards.Update(t.Context(), ada, moves.GlobalID(), nil, func(item *card) { item.BoardID = m.to.ID })
			}
			return nil
		}
		if _, err := m.boards.Delete(t.Context(), ada, from.GlobalID(), nil); err != nil {
			t.Fatal(err)
		}
		m.client.Before = nil
		m.drain(t)
		want := 1 // the club's own
		if isTried && moved == nil {
			want = 2
		} else if isTried && !errors.Is(moved, ErrNotFound) {
			t.Errorf("after %d calls: %v", calls, moved)
		}
		wantCount(t, m.cards.core.table, want)
		wantCount(t, m.remarks.core.table, want)
		if want > 1 {
			made[card](t)(m.cards.Delete(t.Context(), ada, moves.GlobalID(), nil))
			m.drain(t)
		}
	}
}

// TestMovableFromNowOn takes the ids away that items have of when what is above them could not move: no rule asks
// for them, nor will once that can move no more.
func TestMovableFromNowOn(t *testing.T) {
	m := newMovingClub(t, true)
	if err := m.remarks.core.table.Update("id", m.where.ID).Set("cardBoardTeamId", m.there.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.wantReaders(t, "with an id of before", eve, editor)
	fills := func() (fills []TableStep) {
		steps, err := m.Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(steps, func(s TableStep) bool { return s.Action != StepFill })
	}
	steps := fills()
	if len(steps) != 1 || steps[0].Attribute != "cardBoardTeamId" {
		t.Fatalf("there is to do: %v", steps)
	}
	if err := m.Do(t.Context(), steps[0]); err != nil {
		t.Fatal(err)
	}
	if steps := fills(); len(steps) > 0 {
		t.Errorf("there is still to do: %v", steps)
	}
	if is := made[remark](t)(m.remarks.Get(t.Context(), eve, m.where.ID)); is.CardBoardTeamID != "" {
		t.Errorf("the remark is %+v", is)
	}
}

// TestMovedAndDeletedInATransaction empties a board into another, and deletes it: what has moved stays.
func TestMovedAndDeletedInATransaction(t *testing.T) {
	m := newMovingClub(t, false)
	made[card](t)(m.cards.Create(t.Context(), ada, func(item *card) { item.Text, item.BoardID = "Rake", m.from.ID }))
	err := m.Transact(t.Context(), func(tx *Tx) error {
		if _, err := m.cards.In(tx).Update(t.Context(), ada, m.mow.GlobalID(), nil, func(item *card) { item.BoardID = m.to.ID }); err != nil {
			return err
		}
		_, err := m.boards.In(tx).Delete(t.Context(), ada, m.from.GlobalID(), nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m.drain(t)
	wantCount(t, m.cards.core.table, 1)
	m.wantReaders(t, "after that", editor, eve)
}

// TestRemovalKnowsTheParent: a removal, as of a sweep, that found a card while it was on a board that is gone leaves it,
// unless the board that it has moved to is gone as well.
func TestRemovalKnowsTheParent(t *testing.T) {
	for _, isGone := range []bool{false, true} {
		m := newMovingClub(t, false)
		made[card](t)(m.cards.Update(t.Context(), ada, m.mow.GlobalID(), nil, func(item *card) { item.BoardID = m.to.ID }))
		want := 1
		if isGone {
			want = 0
			if err := m.boards.core.table.Delete("id", m.to.ID).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.remove(t.Context(), []frame{{Type: "Card", Field: "boardId", Value: m.from.ID, IDs: []string{m.mow.ID}}}); err != nil {
			t.Fatal(err)
		}
		wantCount(t, m.cards.core.table, want)
		wantCount(t, m.remarks.core.table, want)
	}
}

// TestRemovalOfWhatWasGivenAway: what is given away while its owner's account goes does not stay without what it belonged
// to.
func TestRemovalOfWhatWasGivenAway(t *testing.T) {
	c := newClub(t)
	c.cards.core.definition.Rules = append(c.cards.core.definition.Rules, Allow(OnTransfer, Owner))
	rovers := c.newTeam(t, ada)
	board := made[pinboard](t)(c.boards.Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "To do", rovers.ID }))
	mow := made[card](t)(c.cards.Create(t.Context(), ada, func(item *card) { item.Text, item.BoardID = "Mow", board.ID }))
	made[remark](t)(c.remarks.Create(t.Context(), ada, func(r *remark) { r.Text, r.CardID = "Where?", mow.ID }))
	made[card](t)(c.cards.Transfer(t.Context(), ada, TransferInput{ID: mow.GlobalID(), To: GlobalID("User", eve.ID)}))
	owned := frame{Type: "Card", Field: ByOwner.Hash, Value: ada.ID, IDs: []string{mow.ID}}
	for want := 1; want >= 0; want-- {
		if err := c.remove(t.Context(), []frame{owned}); err != nil {
			t.Fatal(err)
		}
		wantCount(t, c.cards.core.table, want)
		wantCount(t, c.remarks.core.table, want)
		if err := c.boards.core.table.Delete("id", board.ID).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSweepSparesWhatMoves moves a card away, and deletes its board, at every moment of a sweep.
func TestSweepSparesWhatMoves(t *testing.T) {
	m := newMovingClub(t, false)
	for calls := range 40 {
		from := m.newBoard(t, m.here)
		moves, lost := m.onBoard(t, from), m.onBoard(t, from)
		isTried, left := false, calls
		m.client.Before = func(string) error {
			if left--; left < 0 && !isTried {
				isTried, m.client.Before = true, nil
				made[card](t)(m.cards.Update(t.Context(), ada, moves.GlobalID(), nil, func(item *card) { item.BoardID = m.to.ID }))
				if err := m.boards.core.table.Delete("id", from.ID).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return nil
		}
		if _, err := m.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.client.Before = nil
		if _, err := m.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !isTried {
			return
		}
		found, err := m.cards.core.read(t.Context(), []string{moves.ID, lost.ID})
		if err != nil || found[moves.ID] == nil || found[lost.ID] != nil {
			t.Errorf("after %d calls there are %v, %v", calls, found, err)
		}
		made[card](t)(m.cards.Delete(t.Context(), ada, moves.GlobalID(), nil))
		m.drain(t)
	}
}

// TestTakenFromItsParent lets only who may update what an item belongs to take it away from that.
func TestTakenFromItsParent(t *testing.T) {
	m := newMovingClub(t, false)
	m.cards.core.definition.Required = []string{"text"}
	made[seat](t)(m.seats.Update(t.Context(), ada, m.seat(t, m.here, eve).GlobalID(), nil, func(s *seat) { s.Role = "CLERK" }))
	for _, step := range []struct {
		who  Caller
		want error
	}{{eve, ErrForbidden}, {ada, nil}} {
		_, err := m.cards.Update(t.Context(), step.who, m.mow.GlobalID(), nil, func(item *card) { item.BoardID = "" })
		if !errors.Is(err, step.want) {
			t.Errorf("%s takes a card from its board: %v, want %v", step.who.ID, err, step.want)
		}
	}
}

// TestMovedByAServerOfBefore has `tables --fill` mend the ids of ancestors that a server to which boards could move has left
// as they were.
func TestMovedByAServerOfBefore(t *testing.T) {
	c := newClub(t)
	here, there := c.newTeam(t, ada), c.newTeam(t, ada)
	board := made[pinboard](t)(c.boards.Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "To do", here.ID }))
	mow := made[card](t)(c.cards.Create(t.Context(), ada, func(item *card) { item.Text, item.BoardID = "Mow", board.ID }))
	said := made[remark](t)(c.remarks.Create(t.Context(), ada, func(r *remark) { r.Text, r.CardID = "Where?", mow.ID }))
	if err := c.boards.core.table.Update("id", board.ID).Set("teamId", there.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // what remarks keep is of what cards keep
		steps, err := c.Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if step.Action == StepFill {
				if err := c.Do(t.Context(), step); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if is := made[remark](t)(c.remarks.Get(t.Context(), ada, said.ID)); is.CardBoardTeamID != there.ID {
		t.Errorf("the remark is %+v", is)
	}
}
