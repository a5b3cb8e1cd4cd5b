package dynamolocal

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// minCompressed is how many bytes an answer has at least that is compressed for who asks for that, as DynamoDB's are.
const minCompressed = 4 << 10

// decompressed is a request's body as its Content-Encoding says it is written: as it is, by gzip, in one or several members,
// or by deflate, which is zlib's format.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
func decompressed(encoding string, body io.Reader) (io.Reader, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip":
		return gzip.NewReader(body)
	case "deflate":
		return zlib.NewReader(body)
	default:
		return nil, fmt.Errorf("the Content-Encoding %q is not supported", encoding)
	}
}

// compress writes an answer by the encoding, gzip or deflate, that a request's Accept-Encoding prefers; name is empty
// where it is as it was.
func compress(accepted string, body []byte) (compressed []byte, name string) {
	if len(body) < minCompressed {
		return body, ""
	}
	var buffer bytes.Buffer
	var w io.WriteCloser
	switch name = preferredEncoding(accepted); name {
	case "gzip":
		w = gzip.NewWriter(&buffer)
	case "deflate":
		w = zlib.NewWriter(&buffer)
	default:
		return body, ""
	}
	_, _ = w.Write(body) // into memory
	_ = w.Close()
	return buffer.Bytes(), name
}

// preferredEncoding is that of gzip and deflate which the header gives the most weight, of two of the same the first; empty if
// it takes neither. Who takes anything gets gzip.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
func preferredEncoding(accepted string) string {
	weights := map[string]float64{}
	var named []string
	for part := range strings.SplitSeq(accepted, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "gzip" || name == "deflate" || name == "*" {
			named = append(named, name)
			weights[name] = max(weights[name], weightOf(parameters))
		}
	}
	if anything := weights["*"]; anything > 0 {
		for _, name := range []string{"gzip", "deflate"} {
			if _, isNamed := weights[name]; !isNamed {
				named, weights[name] = append(named, name), anything
			}
		}
	}
	best := ""
	for _, name := range named {
		if name != "*" && weights[name] > weights[best] {
			best = name
		}
	}
	return best
}

// weightOf is the q of an encoding, 1 where it has none that is a number of at most 1.
func weightOf(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		if text, isWeight := strings.CutPrefix(strings.TrimSpace(parameter), "q="); isWeight {
			if q, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
				return min(max(q, 0), 1)
			}
			return 1
		}
	}
	return 1
}
