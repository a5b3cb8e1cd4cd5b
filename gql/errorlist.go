package gql

import (
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxErrors is how many errors an answer has at most, the one that says so included.
const maxErrors = 100

// An errorList takes in one error more than an answer may have, by which it knows that there are
// more.
type errorList struct{ list gqlerror.List }

func (l *errorList) isFull() bool { return len(l.list) > maxErrors }

func (l *errorList) add(err *gqlerror.Error) {
	if !l.isFull() {
		l.list = append(l.list, err)
	}
}

// limitErrors returns at most maxErrors errors. The last says that there are more, where there are.
func limitErrors(errs gqlerror.List) gqlerror.List {
	if len(errs) <= maxErrors {
		return errs
	}
	more := gqlerror.Errorf("there are more errors: these are the first %d", maxErrors-1)
	code, _ := errs[maxErrors].Extensions["code"].(string)
	errcode.Set(more, code)
	return append(errs[:maxErrors-1:maxErrors-1], more)
}
