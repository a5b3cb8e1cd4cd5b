package gql

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types of a response.
// https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
const (
	mediaTypeJSON     = "application/json"
	mediaTypeResponse = "application/graphql-response+json"
)

// responseMediaType returns what the client would rather have of the two: by the weights of its
// Accept, and where they are the same, the newer one if that is named. A client that takes neither
// gets the older.
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
func responseMediaType(r *http.Request) string {
	accepted := r.Header.Values("Accept")
	if len(accepted) == 0 {
		return mediaTypeJSON
	}
	var older, newer preference
	for part := range strings.SplitSeq(strings.Join(accepted, ","), ",") {
		mediaType, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		weight := 1.0
		if text, ok := parameters["q"]; ok {
			if weight, err = strconv.ParseFloat(text, 64); err != nil || !(0 <= weight && weight <= 1) {
				continue
			}
		}
		older.read(mediaTypeJSON, mediaType, weight)
		newer.read(mediaTypeResponse, mediaType, weight)
	}
	if newer.weight > older.weight || newer.weight == older.weight && newer.weight > 0 && newer.precision == named {
		return mediaTypeResponse
	}
	return mediaTypeJSON
}

// How precisely an Accept tells a media type: the most precise part counts.
const (
	named    = 3 // application/json
	subtypes = 2 // application/*
	anything = 1 // */*
)

// A preference is what an Accept says of a media type.
type preference struct {
	precision int
	weight    float64
}

// read takes in a part of an Accept, if that is about a media type of application.
func (p *preference) read(mediaType, part string, weight float64) {
	precision := map[string]int{mediaType: named, "application/*": subtypes, "*/*": anything}[part]
	if precision > p.precision {
		*p = preference{precision, weight}
	}
}
