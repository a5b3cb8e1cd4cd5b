package gql

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
)

func TestLargeBodiesTakeTurns(t *testing.T) {
	slots := make(largeBodies, 1)
	large := func() io.ReadCloser { return io.NopCloser(strings.NewReader(strings.Repeat("x", largeBody+1))) }
	small := func() io.ReadCloser { return io.NopCloser(strings.NewReader("x")) }

	first, done := slots.limit(t.Context(), large())
	if n, err := io.Copy(io.Discard, first); err != nil || n != largeBody+1 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	second, doneToo := slots.limit(t.Context(), large())
	defer doneToo()
	var busy *model.Error
	if _, err := io.Copy(io.Discard, second); !errors.As(err, &busy) || busy.Code != model.CodeUnavailable {
		t.Errorf("a second large body: %v, want that it is busy", err)
	}
	third, doneThree := slots.limit(t.Context(), small())
	defer doneThree()
	if _, err := io.Copy(io.Discard, third); err != nil {
		t.Errorf("a small body: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	fourth, doneFour := slots.limit(gone, large())
	defer doneFour()
	if _, err := io.Copy(io.Discard, fourth); !errors.Is(err, context.Canceled) {
		t.Errorf("a large body whose client has gone: %v", err)
	}
	done()
	fifth, doneFive := slots.limit(t.Context(), large())
	defer doneFive()
	if _, err := io.Copy(io.Discard, fifth); err != nil {
		t.Errorf("a large body after the first was done with: %v", err)
	}
}
