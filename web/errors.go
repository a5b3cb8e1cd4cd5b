// Package web is HTTP that is not GraphQL's: JSON bodies, what a client is told of an error,
// request ids, the log, and what stands before every handler.
package web

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/ownql/ownql/model"
)

// statuses are the statuses of HTTP by the codes of errors.
var statuses = map[model.Code]int{
	model.CodeBadUserInput:    http.StatusBadRequest,
	model.CodeTooComplex:      http.StatusBadRequest,
	model.CodeReadBudget:      http.StatusBadRequest,
	model.CodeUnauthenticated: http.StatusUnauthorized,
	model.CodeForbidden:       http.StatusForbidden,
	model.CodeNotFound:        http.StatusNotFound,
	model.CodeConflict:        http.StatusConflict,
	model.CodeRateLimited:     http.StatusTooManyRequests,
	model.CodeUnavailable:     http.StatusServiceUnavailable,
	model.CodeInternal:        http.StatusInternalServerError,
}

var (
	// ErrNoSuchAddress: no route has this path.
	ErrNoSuchAddress = &model.Error{Code: model.CodeNotFound, Message: "there is nothing at this address"}
	// ErrNotReady: the store does not answer as it should.
	ErrNotReady = &model.Error{Code: model.CodeUnavailable, Message: "the store does not answer", RetryAfter: time.Second}
	// ErrPanic: a panic, which is in the log already.
	ErrPanic = &model.Error{Code: model.CodeInternal, Message: ErrInternal.Message}

	// ErrInternal is what a client is told of an error that is the server's own.
	ErrInternal = &model.Error{Code: model.CodeInternal, Message: "something went wrong on the server"}
)

// errBusy is what Busy returns.
var errBusy = errors.New("busy")

// BadRequest refuses a request by its outer form, before anything in it is looked at, with a
// status of 400, 405, 413 or 415.
func BadRequest(status int, message string) error {
	return &model.Error{Code: model.CodeBadUserInput, Status: status, Message: message}
}

// Busy turns a request away because too many others of its kind are being served.
func Busy(retryAfter time.Duration) error {
	return &model.Error{Code: model.CodeUnavailable, Message: "too many requests at once, try again shortly", RetryAfter: retryAfter, Kind: errBusy}
}

// ErrorOf returns what a client is told of err. What it is not told, on the server's own side,
// goes into the log, under the request's id.
func ErrorOf(ctx context.Context, err error) *model.Error {
	told := ErrInternal
	if !errors.As(err, &told) {
		told = ErrInternal
		switch {
		case model.IsFull(err):
			told = model.ErrFull
		case model.IsUnavailable(err):
			told = model.ErrUnavailable
		}
	}
	isHidden := told == ErrInternal || told == model.ErrUnavailable || told == model.ErrFull || told == ErrNotReady
	if isHidden && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrPanic) {
		slog.ErrorContext(ctx, "request failed", "code", string(told.Code), "error", err, "request", RequestID(ctx))
	}
	return told
}

// StatusOf returns the status of HTTP that goes with an error.
func StatusOf(err *model.Error) int {
	if err.Status != 0 {
		return err.Status
	}
	if status, isOurs := statuses[err.Code]; isOurs {
		return status
	}
	return http.StatusBadRequest // a code of the project's own
}

// RetrySeconds returns after how many seconds another try may help; 0: it does not.
func RetrySeconds(err *model.Error) int { return int(math.Ceil(err.RetryAfter.Seconds())) }

// SetErrorHeaders sets what HTTP says of an error beside status and body.
func SetErrorHeaders(header http.Header, err *model.Error) {
	if StatusOf(err) == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="ownql"`)
	}
	if err.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(RetrySeconds(err)))
	}
}
