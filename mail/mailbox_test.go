package mail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A mailbox keeps the newest letters, however many come at once, and prints all.
func TestMailboxIsBounded(t *testing.T) {
	var printed bytes.Buffer
	mailbox := NewMailbox(&printed, templates(t, nil))
	const sent = maxKept + 50
	var all sync.WaitGroup
	for i := range sent {
		all.Go(func() {
			if err := mailbox.Send(t.Context(), verification(fmt.Sprintf("ada%d@example.com", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := mailbox.Send(t.Context(), verification("<script>@example.com")); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/dev/mail", nil)
	r.Header.Set("Accept", "application/json")
	w := httptest.NewRecorder()
	mailbox.ServeHTTP(w, r)
	var answer struct{ Mails []kept }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Mails) != maxKept || answer.Mails[0].To != "<script>@example.com" {
		t.Errorf("it keeps %d letters, the newest to %s; want %d", len(answer.Mails), answer.Mails[0].To, maxKept)
	}
	if lines := strings.Count(printed.String(), "  To: "); lines != sent+1 {
		t.Errorf("it printed %d letters, want %d", lines, sent+1)
	}

	// As a page: what is in a letter is text.
	w = httptest.NewRecorder()
	mailbox.ServeHTTP(w, httptest.NewRequest("GET", "/dev/mail", nil))
	if page := w.Body.String(); strings.Contains(page, "<script>") || strings.Count(page, "<article>") != maxKept {
		t.Errorf("the page has %d letters, or one that is not text:\n%s", strings.Count(page, "<article>"), page)
	}
}
