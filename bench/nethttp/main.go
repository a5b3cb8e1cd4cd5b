// This program is net/http alone: it answers every request with the viewer, as GraphQL has it. With the variable
// SECRET set, it verifies the request's token before.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "nethttp:", err)
		os.Exit(1)
	}
}

// run serves the users of a file at an address, until ctx is done.
func run(ctx context.Context, args []string, getenv func(string) string) error {
	if len(args) != 2 {
		return fmt.Errorf("want an address and a file, not %q", args)
	}
	text, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	var data struct {
		Users map[string]json.RawMessage `json:"users"` // by the subject of their tokens
	}
	if err := json.Unmarshal(text, &data); err != nil {
		return fmt.Errorf("read %s: %w", args[1], err)
	}
	var answer []byte // of who asks without a token: the one user that there is
	for _, user := range data.Users {
		answer = fmt.Appendf(nil, `{"data":{"viewer":%s}}`, user)
	}
	secret := []byte(getenv("SECRET"))
	server := &http.Server{Addr: args[0], Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		answer := answer
		if len(secret) > 0 {
			token, err := jwt.ParseRequest(r, jwt.WithKey(jwa.HS256, secret))
			if err != nil {
				http.Error(w, "unauthorized", http.StatusUnauthorized)
				return
			}
			answer = fmt.Appendf(nil, `{"data":{"viewer":%s}}`, data.Users[token.Subject()])
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	})}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}
