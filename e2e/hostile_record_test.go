//go:build hostile

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecordUnderFlood has one account ask for what is refused to it, and anybody guess at another,
// hundreds of times: the record has few lines of that, which count the rest, none of what they
// sent that may be a secret or a line of its own, and each line about anyone else.
func TestRecordUnderFlood(t *testing.T) {
	const requests, aliases, guesses, mostLines = 10, 30, 30, 100
	file := filepath.Join(t.TempDir(), "audit.log")
	t.Setenv("OWNQL_AUDIT_LOG", file)
	t.Setenv("OWNQL_RATE_LIMIT", "off")
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	server := &hostileServer{addr: freeAddr(t)}
	stop := startServer(t, ".", append(os.Environ(), "OWNQL_ADDR="+server.addr, "OWNQL_STORE="+t.TempDir()), "exec "+binary+"/ownql")
	_, _, body := server.send(t, "POST", "/signup", nil, `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`)
	server.token = between(body, `"access_token":"`, `"`)
	status, _, body := server.send(t, "POST", "/graphql", nil, `{"query":"mutation { createNote(input: {title: \"Weave\"}) { note { id } } }"}`)
	id := between(body, `"id":"`, `"`)
	if status != http.StatusOK || id == "" {
		t.Fatalf("create: %d %s", status, body)
	}
	_, _, body = server.send(t, "POST", "/signup", nil, `{"email":"eve@example.com","password":"correct horse","firstName":"Eve"}`)
	eve := map[string]string{"Authorization": "Bearer " + between(body, `"access_token":"`, `"`)}

	var document strings.Builder
	for i := range aliases {
		fmt.Fprintf(&document, "a%d: deleteNote(input: {id: %q}) { deletedNoteId } ", i, id)
	}
	refused, _ := json.Marshal(map[string]string{"query": "mutation { " + document.String() + "}"})
	for range requests {
		if status, _, body := server.send(t, "POST", "/graphql", eve, string(refused)); status != http.StatusOK || strings.Count(body, "NOT_FOUND") != aliases {
			t.Fatalf("%d %.300s", status, body)
		}
	}
	for i := range guesses {
		guess := fmt.Sprintf(`{"email":"ada@example.com","password":"sesame %d\n{\"event\":\"forged\"}"}`, i)
		if status, _, body := server.send(t, "POST", "/login", map[string]string{"Authorization": ""}, guess); status != http.StatusUnauthorized {
			t.Fatalf("%d %s", status, body)
		}
		server.send(t, "POST", "/login", nil, `{"email":"sesame\n{\"event\":\"forged\"}","password":"sesame"}`)
	}
	if status, _, body := server.send(t, "POST", "/login", nil, `{"email":"ada@example.com","password":"correct horse"}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	stop()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, stoodFor, signIns := 0, map[string]int{}, 0
	for line := range strings.Lines(string(text)) {
		var event struct {
			Event   string `json:"event"`
			Account string `json:"account"`
			Count   int    `json:"count"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		switch event.Event {
		case "authz_fail", "authn_login_fail":
			lines++
			stoodFor[event.Event] += max(event.Count, 1)
		case "authn_login_success":
			signIns++
		case "user_created":
		default:
			t.Errorf("there is a line of %q", event.Event)
		}
	}
	if lines > mostLines || stoodFor["authz_fail"] != requests*aliases || stoodFor["authn_login_fail"] != guesses || signIns != 1 {
		t.Errorf("%d lines stand for %v, and %d of a sign-in", lines, stoodFor, signIns)
	}
	if strings.Contains(string(text), "sesame") || strings.Contains(string(text), "forged") {
		t.Error("the record has what was typed as a password")
	}
}
