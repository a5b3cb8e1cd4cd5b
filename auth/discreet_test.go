package auth

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestDiscreet(t *testing.T) {
	for _, test := range []struct{ to, said, want string }{
		{"ada@example.com", "550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown", "550 5.1.1 <…@…>: Recipient address rejected: User unknown"},
		{"ada@example.com", "450 Ada@EXAMPLE.com... greylisted", "450 …@… greylisted"},
		{"ada@bücher.example", "553 RCPT TO:<ada@xn--bcher-kva.example> refused", "553 RCPT TO:<…@…> refused"},
		{"ada@example.com", "550 no user 'ada' here (ada)", "550 no user '…' here (…)"},
		{"ad@example.com", "550 ad: bad address", "550 …: bad address"},
		{"a.b+c@example.com", "552 mailbox a.b+c full, ask <postmaster@mail.example.org>", "552 mailbox … full, ask <…@…>"},
		{"ada@example.com", "dial tcp 192.0.2.1:587: connection refused", "dial tcp 192.0.2.1:587: connection refused"},
	} {
		err := discreet(fmt.Errorf("%s: %w", test.said, context.DeadlineExceeded), test.to)
		if want := test.want + ": " + context.DeadlineExceeded.Error(); err.Error() != want {
			t.Errorf("%s: %q, want %q", test.to, err, want)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: the cause is lost", test.to)
		}
	}
	if err := discreet(nil, "ada@example.com"); err != nil {
		t.Error(err)
	}
}
