package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// The codes of errors, in `extensions.code` of GraphQL and `error.code` of REST.
const (
	codeUnauthenticated = "UNAUTHENTICATED"
	codeForbidden       = "FORBIDDEN"
	codeBadUserInput    = "BAD_USER_INPUT"
	codeNotFound        = "NOT_FOUND"
	codeConflict        = "CONFLICT"
	codeRateLimited     = "RATE_LIMITED"
	codeUnavailable     = "UNAVAILABLE"
	codeTooComplex      = "QUERY_TOO_COMPLEX"
	codeInternal        = "INTERNAL_SERVER_ERROR"
)

var (
	// errNoSuchAddress: no route has this path.
	errNoSuchAddress = errors.New("there is nothing at this address")
	// ErrNotReady: the store does not answer as it should.
	ErrNotReady = errors.New("the store does not answer")
)

// A problem is an error as a client may see it.
type problem struct {
	status     int // of HTTP
	code       string
	message    string
	field      string        // of the input, where it is one field's
	retryAfter time.Duration // where waiting helps
	hidden     bool          // the cause is for the log alone
}

// problemOf is the one place that decides what a client sees of an error.
func problemOf(err error) problem {
	var (
		input    *store.InputError
		parent   *store.ParentError
		taken    *store.ConflictError
		request  *auth.RequestError
		busy     *auth.BusyError
		attempts *store.TooManyAttemptsError
		rate     *auth.RateLimitError
		mails    *auth.MailLimitError
		complex  *TooComplexError
	)
	switch {
	case errors.As(err, &input):
		return problem{status: http.StatusBadRequest, code: codeBadUserInput, message: input.Message, field: input.Field}
	case errors.As(err, &request):
		return problem{status: request.Status, code: codeBadUserInput, message: request.Message}
	case errors.As(err, &complex):
		return problem{status: http.StatusBadRequest, code: codeTooComplex, message: complex.Error()}
	case errors.Is(err, errNotTrusted):
		return problem{status: http.StatusForbidden, code: codeForbidden, message: errNotTrusted.Error()}
	case errors.Is(err, errPersistedNotFound):
		return problem{status: http.StatusOK, code: "PERSISTED_QUERY_NOT_FOUND", message: errPersistedNotFound.Error()}
	case errors.Is(err, errPersistedNotSupported):
		return problem{status: http.StatusOK, code: "PERSISTED_QUERY_NOT_SUPPORTED", message: errPersistedNotSupported.Error()}
	case errors.Is(err, auth.ErrUnauthenticated):
		return problem{status: http.StatusUnauthorized, code: codeUnauthenticated, message: auth.ErrUnauthenticated.Error()}
	case errors.Is(err, auth.ErrInvalidToken):
		return problem{status: http.StatusUnauthorized, code: codeUnauthenticated, message: auth.ErrInvalidToken.Error()}
	case errors.Is(err, auth.ErrCredentials):
		return problem{status: http.StatusUnauthorized, code: codeUnauthenticated, message: auth.ErrCredentials.Error()}
	case errors.Is(err, auth.ErrCrossOrigin):
		return problem{status: http.StatusForbidden, code: codeForbidden, message: auth.ErrCrossOrigin.Error()}
	case errors.Is(err, auth.ErrSignupClosed):
		return problem{status: http.StatusForbidden, code: codeForbidden, message: auth.ErrSignupClosed.Error()}
	case errors.Is(err, auth.ErrUnverified):
		return problem{status: http.StatusForbidden, code: codeForbidden, message: auth.ErrUnverified.Error(), field: "email"}
	case errors.Is(err, auth.ErrEmailTaken):
		return problem{status: http.StatusConflict, code: codeConflict, message: auth.ErrEmailTaken.Error(), field: "email"}
	case errors.Is(err, errIntrospectionOff):
		return problem{status: http.StatusForbidden, code: codeForbidden, message: errIntrospectionOff.Error()}
	case errors.As(err, &parent):
		return problem{status: http.StatusNotFound, code: codeNotFound, message: "there is no such object to belong to", field: parent.Field}
	case errors.Is(err, store.ErrNotFound):
		return problem{status: http.StatusNotFound, code: codeNotFound, message: "there is no such object"}
	case errors.Is(err, store.ErrForbidden):
		return problem{status: http.StatusForbidden, code: codeForbidden, message: "you may not do this to the object"}
	case errors.As(err, &taken):
		return problem{status: http.StatusConflict, code: codeConflict, message: taken.Error(), field: taken.Field}
	case errors.Is(err, store.ErrHeld):
		return problem{status: http.StatusConflict, code: codeConflict, message: "other objects belong to this one: delete them first"}
	case errors.Is(err, store.ErrConflict):
		return problem{status: http.StatusConflict, code: codeConflict, message: "the object has been changed meanwhile: read it again, then decide"}
	case errors.As(err, &attempts):
		return problem{status: http.StatusTooManyRequests, code: codeRateLimited, message: "too many failed sign-ins to this account", retryAfter: attempts.RetryAfter}
	case errors.As(err, &rate):
		return problem{status: http.StatusTooManyRequests, code: codeRateLimited, message: rate.Error(), retryAfter: rate.RetryAfter}
	case errors.As(err, &mails):
		return problem{status: http.StatusTooManyRequests, code: codeRateLimited, message: mails.Error(), retryAfter: mails.RetryAfter}
	case errors.Is(err, auth.ErrNoMail):
		return problem{status: http.StatusServiceUnavailable, code: codeUnavailable, message: auth.ErrNoMail.Error()}
	case errors.As(err, &busy):
		return problem{status: http.StatusServiceUnavailable, code: codeUnavailable, message: busy.Error(), retryAfter: busy.RetryAfter}
	case errors.Is(err, errNoSuchAddress):
		return problem{status: http.StatusNotFound, code: codeNotFound, message: errNoSuchAddress.Error()}
	case errors.Is(err, ErrNotReady):
		return problem{status: http.StatusServiceUnavailable, code: codeUnavailable, message: ErrNotReady.Error(), retryAfter: time.Second, hidden: true}
	case store.IsUnavailable(err):
		return problem{status: http.StatusServiceUnavailable, code: codeUnavailable, message: "the store does not answer, try again shortly", retryAfter: time.Second, hidden: true}
	default:
		return problem{status: http.StatusInternalServerError, code: codeInternal, message: "something went wrong on the server", hidden: true}
	}
}

// logged returns p, having put into the log what it hides.
func (p problem) logged(ctx context.Context, err error) problem {
	if p.hidden && !errors.Is(err, context.Canceled) && !errors.Is(err, errPanic) {
		slog.ErrorContext(ctx, "request failed", "code", p.code, "error", err, "request", RequestID(ctx))
	}
	return p
}

// setHeaders sets what HTTP says beside status and body.
func (p problem) setHeaders(header http.Header) {
	if p.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="ownql"`)
	}
	if p.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
}

// gqlError returns p as an error of a GraphQL response.
func (p problem) gqlError() *gqlerror.Error {
	extensions := map[string]any{"code": p.code}
	if p.field != "" {
		extensions["field"] = p.field
	}
	if p.retryAfter > 0 {
		extensions["retryAfter"] = int(math.Ceil(p.retryAfter.Seconds()))
	}
	return &gqlerror.Error{Message: p.message, Extensions: extensions}
}

// presentError is gqlgen's way to problemOf. What gqlgen says itself, of a document
// or a variable, has a code already or is of no error below it.
func presentError(ctx context.Context, err error) *gqlerror.Error {
	var own *gqlerror.Error
	if errors.As(err, &own) && own.Unwrap() == nil {
		if own.Extensions["code"] == nil {
			own.Extensions = map[string]any{"code": codeBadUserInput}
		}
		own.Message = clearer(own)
		return own
	}
	if errors.Is(err, store.ErrForbidden) && auth.FromContext(ctx) == nil {
		err = auth.ErrUnauthenticated // signing in may help
	}
	presented := problemOf(err).logged(ctx, err).gqlError()
	presented.Path = graphql.GetPath(ctx)
	if own != nil {
		presented.Path, presented.Locations = own.Path, own.Locations
	}
	return presented
}

// clearer returns gqlgen's message, in other words where they leave the reader alone.
func clearer(err *gqlerror.Error) string {
	if err.Message == "operation  not found" {
		return "the document has several operations: say which with `operationName`"
	}
	if len(err.Path) > 1 && err.Path[0] == ast.PathName("variable") {
		return fmt.Sprintf("variable $%v: %s", err.Path[1:], ofAnotherType.ReplaceAllString(err.Message, "is no $1$2"))
	}
	return err.Message
}

// ofAnotherType matches what gqlparser says of a variable, with the kind that its value has
// in Go: a number is a string there.
var ofAnotherType = regexp.MustCompile(`^cannot use .* as (\S+)$|^must be a (\S+), not a \S+$`)

// errPanic: a panic, which is in the log already.
var errPanic = errors.New("panic")

// recoverPanic turns a resolver's panic into an error of its field.
func recoverPanic(ctx context.Context, value any) error {
	slog.ErrorContext(ctx, "panic", "value", value, "request", RequestID(ctx), "stack", string(debug.Stack()))
	return fmt.Errorf("%w: %v", errPanic, value)
}
