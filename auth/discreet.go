package auth

import (
	"regexp"
	"strings"
)

// A discreetError is an error that repeats nobody's address.
type discreetError struct {
	error
	text string
}

func (e *discreetError) Error() string { return e.text }
func (e *discreetError) Unwrap() error { return e.error }

// anAddress finds what may be an address of mail, in any of the forms that servers repeat it in.
var anAddress = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;]+`)

// discreet returns why a mail to an address did not go, for the log: mail servers repeat in their answers
// whom a mail is for. Nil stays nil.
func discreet(err error, to string) error {
	if err == nil {
		return nil
	}
	text := anAddress.ReplaceAllString(err.Error(), "…@…")
	local, _, _ := strings.Cut(to, "@")
	name := regexp.MustCompile(`(?i)(^|[^\pL\pN._-])` + regexp.QuoteMeta(local) + `($|[^\pL\pN._-])`)
	return &discreetError{err, name.ReplaceAllString(text, "${1}…${2}")}
}
