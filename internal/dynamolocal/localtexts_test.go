package dynamolocal

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// localTexts are where DynamoDB Local says the same as AWS in other words: testdata/localtexts.txt.
type localTexts []localText

type localText struct {
	page       string // of AWS's documents
	aws, local []*regexp.Regexp
}

func readLocalTexts(t testing.TB) localTexts {
	t.Helper()
	data, err := os.ReadFile("testdata/localtexts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var texts localTexts
	var text localText
	for line := range strings.Lines(string(data) + "\n") {
		kind, pattern, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch kind {
		case "#":
		case "page":
			text.page = pattern
		case "aws":
			text.aws = append(text.aws, glob(pattern))
		case "local":
			text.local = append(text.local, glob(pattern))
		case "":
			if text.aws != nil {
				texts = append(texts, text)
			}
			text.aws, text.local = nil, nil
		default:
			t.Fatalf("testdata/localtexts.txt: %s", line)
		}
	}
	return texts
}

// glob is a pattern in which a * is any text.
func glob(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^(?s:" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + ")$")
}

func matchesAny(patterns []*regexp.Regexp, text string) bool {
	for _, p := range patterns {
		if p.MatchString(text) {
			return true
		}
	}
	return false
}

// same is whether DynamoDB Local's answer is AWS's, but for the words.
func (texts localTexts) same(aws, local string) bool {
	if aws == local {
		return true
	}
	for _, text := range texts {
		if matchesAny(text.aws, aws) && matchesAny(text.local, local) {
			return true
		}
	}
	const canceled = "TransactionCanceledException: "
	if !strings.HasPrefix(aws, canceled) || !strings.HasPrefix(local, canceled) {
		return false
	}
	type answer struct{ CancellationReasons []map[string]any }
	var a, l answer
	head, reasons, _ := strings.Cut(aws, " {")
	localHead, localReasons, _ := strings.Cut(local, " {")
	if head != localHead || json.Unmarshal([]byte("{"+reasons), &a) != nil || json.Unmarshal([]byte("{"+localReasons), &l) != nil {
		return false
	}
	if len(a.CancellationReasons) != len(l.CancellationReasons) {
		return false
	}
	for i, reason := range a.CancellationReasons {
		other := l.CancellationReasons[i]
		message, _ := reason["Message"].(string)
		otherMessage, _ := other["Message"].(string)
		if !texts.same("ValidationException: "+message, "ValidationException: "+otherMessage) {
			return false
		}
		delete(reason, "Message")
		delete(other, "Message")
		if !reflect.DeepEqual(reason, other) {
			return false
		}
	}
	return true
}
