package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"
)

// maxBody is the most that a request's body may have, in bytes.
const maxBody = 1 << 20

// A RequestError refuses a request by its outer form, before anything in it is
// looked at. Message never repeats what was sent.
type RequestError struct {
	Status  int // of HTTP: 400, 413 or 415
	Message string
}

func (e *RequestError) Error() string { return e.Message }

// ReadJSON decodes a request's body, one JSON value of at most 1 MiB, into value.
// The error is a *RequestError.
func ReadJSON(w http.ResponseWriter, r *http.Request, value any) error {
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset, ok := parameters["charset"]; err != nil || mediaType != "application/json" || ok && charset != "utf-8" && charset != "UTF-8" {
		return &RequestError{http.StatusUnsupportedMediaType, "the body must be JSON: send `Content-Type: application/json`"}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return &RequestError{http.StatusUnsupportedMediaType, "the body must not be compressed"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		return &RequestError{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body must not exceed %d bytes", maxBody)}
	}
	if err != nil {
		return &RequestError{http.StatusBadRequest, "the body could not be read to its end"}
	}
	if !utf8.Valid(body) {
		return &RequestError{http.StatusBadRequest, "the body is not UTF-8"}
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(value); err != nil {
		return &RequestError{http.StatusBadRequest, "the body is not a JSON object of the expected form"}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return &RequestError{http.StatusBadRequest, "something follows the body's JSON object"}
	}
	return nil
}
