package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ownql/ownql/model"
)

// buffers are what bodies are read into; decoding copies what it keeps.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// putBuffer gives a buffer back, unless a large body has made it large.
func putBuffer(buffer *bytes.Buffer) {
	const largest = 64 << 10
	if buffer.Cap() <= largest {
		buffer.Reset()
		buffers.Put(buffer)
	}
}

// ReadJSON decodes a request's body, one JSON value of at most limit bytes, into value. A number whose type is left open is a
// [json.Number]. The error is one of [BadRequest], or a [model.Error] of the body's reader.
func ReadJSON(w http.ResponseWriter, r *http.Request, limit int64, value any) error {
	if !isJSON(r.Header.Get("Content-Type")) {
		return BadRequest(http.StatusUnsupportedMediaType, "the body must be JSON: send `Content-Type: application/json`")
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return BadRequest(http.StatusUnsupportedMediaType, "the body must not be compressed")
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buffer)
	_, err := buffer.ReadFrom(holdingReader{r.Context(), http.MaxBytesReader(w, r.Body, limit)})
	body := buffer.Bytes()
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		return BadRequest(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body must not exceed %d bytes", limit))
	}
	if busy := new(model.Error); errors.As(err, &busy) {
		return busy
	}
	if err != nil {
		return BadRequest(http.StatusBadRequest, "the body could not be read to its end")
	}
	if !utf8.Valid(body) {
		return BadRequest(http.StatusBadRequest, "the body is not UTF-8")
	}
	if err := HoldJSON(r.Context(), body); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(value); err != nil {
		return BadRequest(http.StatusBadRequest, whatIsNotJSON(err))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return BadRequest(http.StatusBadRequest, "something follows the body's JSON object")
	}
	if at := LoneSurrogate(body); at >= 0 {
		return BadRequest(http.StatusBadRequest, fmt.Sprintf("the body has one half of a surrogate pair, at byte %d: it is no character", at))
	}
	return nil
}

// isJSON tells whether a Content-Type is that of JSON, in UTF-8.
func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	charset, isGiven := parameters["charset"]
	return err == nil && mediaType == "application/json" && (!isGiven || strings.EqualFold(charset, "utf-8"))
}

// LoneSurrogate returns where JSON escapes one half of a surrogate pair without the other, -1 where
// it does not. Package encoding/json would make U+FFFD of it. Clients send it that cut a text between
// the two halves of an emoji.
// https://www.rfc-editor.org/rfc/rfc8259#section-8.2
func LoneSurrogate(valid []byte) int {
	for at := 0; ; at += 2 {
		next := bytes.IndexByte(valid[at:], '\\')
		if next < 0 {
			return -1
		}
		at += next
		switch unit := codeUnit(valid[at:]); {
		case !utf16.IsSurrogate(unit):
		case utf16.DecodeRune(unit, codeUnit(valid[at+6:])) == utf8.RuneError:
			return at
		default:
			at += 10
		}
	}
}

// codeUnit returns what an escape \u at the beginning of JSON stands for, 0 where there is none.
func codeUnit(valid []byte) rune {
	if len(valid) < 6 || valid[1] != 'u' || valid[0] != '\\' {
		return 0
	}
	unit, err := strconv.ParseUint(string(valid[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(unit)
}

// whatIsNotJSON tells where a body is wrong without repeating any of it.
func whatIsNotJSON(err error) string {
	var (
		syntax *json.SyntaxError
		typed  *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("the body is not JSON, at byte %d", syntax.Offset)
	case errors.As(err, &typed) && typed.Field != "":
		return fmt.Sprintf("`%s` is not of the type it should be", inJSON(typed.Field))
	case errors.As(err, &typed):
		return "the body is JSON, but not an object"
	default:
		return "the body is not JSON, or ends too early"
	}
}

// inJSON returns the path to a field as clients know it: package encoding/json puts the
// name of an embedded Go type before its fields, and no name in our bodies begins with a
// capital.
func inJSON(path string) string {
	first, rest, ok := strings.Cut(path, ".")
	if ok && unicode.IsUpper(rune(first[0])) {
		return rest
	}
	return path
}
