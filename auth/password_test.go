package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
)

// TestHashingTakesTurns fills every turn, so that one more has to wait.
func TestHashingTakesTurns(t *testing.T) {
	passwords := NewPasswords()
	for range passwords.turns.free {
		done, err := passwords.turns.turn(t.Context(), asker{})
		if err != nil {
			t.Fatal(err)
		}
		defer done()
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := passwords.Hash(gone, asker{}, "password"); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that has ended waits on: %v", err)
	}
	var busy *model.Error
	if _, err := passwords.Hash(t.Context(), asker{}, "password"); !errors.As(err, &busy) || busy.Code != model.CodeUnavailable || busy.RetryAfter <= 0 {
		t.Errorf("%v, want code UNAVAILABLE with a time to wait", err)
	}
}

func TestCheckNewPassword(t *testing.T) {
	ada := owner{"ada.lovelace@engines.example", []string{"Augusta Ada", "King"}, "api.weaving.example:8080"}
	for _, test := range []struct {
		name, password string
		ok             bool
	}{
		{"a phrase", "correct horse", true},
		{"8 characters of several bytes", "pässwört", true},
		{"256 characters", strings.Repeat("éa", 128), true},
		{"256 characters, each written as three", strings.Repeat("e\u0323\u0302a", 128), true},
		{"64 times one character", strings.Repeat("x", 64), true},
		{"7 characters", "horse17", false},
		{"7 characters, written as 14", strings.Repeat("e\u0301", 7), false},
		{"257 characters", strings.Repeat("éa", 128) + "é", false},
		{"NUL", "correct\x00horse", false},
		{"a lone surrogate, as JSON gives it", "correct\ufffdhorse", false},
		{"random ones", "xK4pq9Zt", true},
		{"a random number", "839201746635", true},
		{"words", "loom engine punchcard", true},
		{"a word with much around it", "elephant-83k!x0", true},

		{"among the commonest", "password123", false},
		{"among the commonest, in capitals", "QWERTY123", false},
		{"a common word", "Wednesday", false},
		{"a year behind it", "elephant2026", false},
		{"a sign behind that", "Elephant2026!", false},
		{"digits for letters", "3l3ph4nt", false},
		{"those, and a year", "P@ssw0rd2026", false},
		{"1 for l", "bas3ba1l", false},
		{"1 for i", "tr1nity99", false},
		{"a name", "Margaret!!1", false},
		{"a date", "27021987", false},
		{"a date with signs", "27.02.1987", false},
		{"a phone number", "07911123456", false},
		{"spaces alone", strings.Repeat(" ", 8), false},
		{"one character 8 times", "aaaaaaaa", false},
		{"one character 16 times", strings.Repeat("x", 16), false},
		{"three again and again", "abcabcabc", false},
		{"three again, cut short", "xk4xk4xk4x", false},
		{"a word twice", "monkeymonkey", false},
		{"a word twice, with a space", "letmein letmein", false},
		{"a word three times, with dashes", "sunny-sunny-sunny", false},
		{"a common password, apart", "i love you", false},
		{"words that are none of that, apart", "letmein granite", true},
		{"an emoji 9 times", strings.Repeat("🙂", 9), false},
		{"digits in order", "123456789012345", false},
		{"digits backward", "98765432109876", false},
		{"the alphabet", "abcdefgh", false},
		{"the alphabet's end, backward", "zyxwvuts", false},
		{"the alphabet and digits", "abcd12345", false},
		{"each twice", "aabbccddee", false},
		{"a row of keys", "asdfghjkl;", false},
		{"two rows", "qwertyuiopasdf", false},
		{"columns", "1qaz2wsx3edc", false},
		{"two rows in turn", "1q2w3e4r5t6y", false},
		{"a German keyboard", "qwertzuiop", false},
		{"the upper row", "!@#$%^&*()", false},

		{"the email", "ada.lovelace@engines.example", false},
		{"its name, and a year", "lovelace1815", false},
		{"names, in any case", "AugustaKING!", false},
		{"a name, and a common one", "augustapassword", false},
		{"the site", "api.weaving.example", false},
		{"the site's name, and digits", "Weaving2026", false},
		{"a name, and words", "ada likes punched cards", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkNewPassword("password", test.password, ada)
			if test.ok != (err == nil) || err != nil && !model.IsBadInput(err) {
				t.Errorf("%q: %v", test.password, err)
			}
		})
	}
}

// TestCheckNewPasswordOfAnyone wants who tells nothing of themselves to have no words.
func TestCheckNewPasswordOfAnyone(t *testing.T) {
	if err := checkNewPassword("password", "correct horse", owner{}); err != nil {
		t.Error(err)
	}
}

func FuzzCheckNewPassword(f *testing.F) {
	f.Add("correct horse", "ada@example.com", "Ada")
	f.Add("\u0301\u0301", "", "\xff")
	f.Fuzz(func(t *testing.T, password, email, name string) {
		err := checkNewPassword("password", password, owner{email, []string{name}, ""})
		if err != nil && (!model.IsBadInput(err) || password != "" && len(password) > 3 && strings.Contains(err.Error(), password) && !strings.Contains(passwordMessages, password)) {
			t.Errorf("%q: %v", password, err)
		}
	})
}

// passwordMessages are words that messages have by themselves.
const passwordMessages = "this password is among the first that anyone would guess: it is made of your name, your address or this site's; choose another " +
	"it is a common one it is digits alone, as dates are it repeats itself it goes along the alphabet or the keyboard " +
	"a password has no NUL character a password has at least 8 characters a password has at most 256 characters a password is valid Unicode text"
