package gql

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ownql/ownql/model"
)

// smallResponse is up to how many bytes of data are copied to be written at once with what is around them.
const smallResponse = 32 << 10

// knownLength is up to how many bytes net/http counts by itself, its bufferBeforeChunkingSize: a header less for it to copy and
// to sort.
const knownLength = 2 << 10

// responses are what responses are written into.
var responses = sync.Pool{New: func() any { return new([]byte) }}

// The values of headers that responses have, made once.
var (
	noStore      = []string{"no-store"}
	contentTypes = map[string][]string{
		mediaTypeJSON:     {mediaTypeJSON + "; charset=utf-8"},
		mediaTypeResponse: {mediaTypeResponse + "; charset=utf-8"},
	}
)

// writeResponse writes what gqlgen made. Nil data means that nothing was executed,
// and is then absent.
func writeResponse(w http.ResponseWriter, r *http.Request, status int, response *graphql.Response) {
	buffer := responses.Get().(*[]byte)
	defer putResponse(buffer)
	parts := appendBefore((*buffer)[:0], response)
	before := len(parts)
	isSmall := len(response.Data) <= smallResponse
	if isSmall {
		parts = append(parts, response.Data...)
	}
	parts = appendAfter(parts, response)
	*buffer = parts

	size := len(parts)
	if !isSmall {
		size += len(response.Data)
	}
	header := w.Header()
	header["Content-Type"] = contentTypes[responseMediaType(r)]
	header["Cache-Control"] = noStore
	if size > knownLength {
		header["Content-Length"] = []string{strconv.Itoa(size)}
	}
	w.WriteHeader(status)
	if isSmall {
		w.Write(parts)
		return
	}
	w.Write(parts[:before])
	w.Write(response.Data) // not copied once more: it may be large
	w.Write(parts[before:])
}

// appendBefore appends what stands before the data.
func appendBefore(b []byte, response *graphql.Response) []byte {
	b = append(b, '{')
	if len(response.Errors) > 0 {
		errs, err := json.Marshal(response.Errors)
		if err != nil {
			errs = []byte(`[{"message":"something went wrong on the server","extensions":{"code":"` + string(model.CodeInternal) + `"}}]`)
		}
		b = append(append(b, `"errors":`...), errs...)
		if response.Data != nil {
			b = append(b, ',')
		}
	}
	if response.Data != nil {
		b = append(b, `"data":`...)
	}
	return b
}

// appendAfter appends what stands behind the data.
func appendAfter(b []byte, response *graphql.Response) []byte {
	if len(response.Extensions) > 0 {
		if extensions, err := json.Marshal(response.Extensions); err == nil {
			b = append(append(b, `,"extensions":`...), extensions...)
		}
	}
	return append(b, '}', '\n')
}

// putResponse gives a buffer back, unless what stands around the data has made it large.
func putResponse(buffer *[]byte) {
	if cap(*buffer) <= 2*smallResponse {
		responses.Put(buffer)
	}
}
