//go:build hostile

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestGuessing has one account try its password with all its might, in each way there is, while
// others sign in: they are to be served in under a second (requirement 31).
func TestGuessing(t *testing.T) {
	const connections, aliases, others, turn, bound = 500, 30, 3, 3 * time.Second, time.Second
	const wrong, right = "wrong horse", "correct horse"
	mutation := func(field, arguments string) string {
		var document strings.Builder
		for i := range aliases {
			fmt.Fprintf(&document, "a%d: %s(input: {%s}) { clientMutationId } ", i, field, arguments)
		}
		body, _ := json.Marshal(map[string]string{"query": "mutation { " + document.String() + "}"})
		return string(body)
	}
	for _, test := range []struct{ name, rateLimit, path, body string }{
		{"a wrong password by changeEmail", "on", "/graphql", mutation("changeEmail", `password: "`+wrong+`", email: "x@example.com"`)},
		{"a wrong password by deleteViewer, unlimited by address", "off", "/graphql", mutation("deleteViewer", `password: "`+wrong+`"`)},
		{"its own password by changeEmail, unlimited by address", "off", "/graphql", mutation("changeEmail", `password: "`+right+`", email: "ada@example.com"`)},
		{"a wrong password by sign-in, unlimited by address", "off", "/login", `{"email":"ada@example.com","password":"` + wrong + `"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("OWNQL_RATE_LIMIT", test.rateLimit)
			server := startHostile(t)
			for i := range others {
				signup := fmt.Sprintf(`{"email":"other%d@example.com","password":%q,"firstName":"Other"}`, i, right)
				if status, _, body := server.send(t, "POST", "/signup", nil, signup); status != http.StatusCreated {
					t.Fatalf("sign-up: %d %s", status, body)
				}
			}
			attackers := &http.Client{Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}}
			defer attackers.CloseIdleConnections()
			var (
				attack sync.WaitGroup
				mu     sync.Mutex
				codes  = map[string]int{}
			)
			attacking, stop := context.WithTimeout(t.Context(), turn)
			defer stop()
			for range connections {
				attack.Go(func() {
					for attacking.Err() == nil {
						request, _ := http.NewRequestWithContext(attacking, "POST", "http://"+server.addr+test.path, strings.NewReader(test.body))
						request.Header.Set("Content-Type", "application/json")
						request.Header.Set("Authorization", "Bearer "+server.token)
						response, err := attackers.Do(request)
						if err != nil {
							if attacking.Err() == nil {
								t.Error(err)
							}
							return
						}
						answer, _ := io.ReadAll(response.Body)
						response.Body.Close()
						mu.Lock()
						codes[fmt.Sprint(response.StatusCode, " ", between(string(answer), `"code":"`, `"`))]++
						mu.Unlock()
					}
				})
			}
			time.Sleep(turn / 10)
			var took []time.Duration
			for i := 0; attacking.Err() == nil; i++ {
				start := time.Now()
				login := fmt.Sprintf(`{"email":"other%d@example.com","password":%q}`, i%others, right)
				if status, _, body := server.send(t, "POST", "/login", nil, login); status != http.StatusOK {
					t.Errorf("another's sign-in is answered %d %s", status, body)
				}
				took = append(took, time.Since(start))
			}
			attack.Wait()
			t.Logf("%d sign-ins of others: median %s, slowest %s; the attacker's requests: %v", len(took),
				quantile(took, 50).Round(time.Millisecond), quantile(took, 100).Round(time.Millisecond), codes)
			if slowest := quantile(took, 100); slowest > bound {
				t.Errorf("the slowest sign-in of another took %s, want at most %s", slowest, bound)
			}

			// Who guessed wrong is not locked out of what needs no password.
			if status, _, body := server.send(t, "POST", "/graphql", nil, `{"query":"{ viewer { email } }"}`); status != http.StatusOK || !strings.Contains(body, "ada@example.com") {
				t.Errorf("the attacker's own viewer query is answered %d %s", status, body)
			}
		})
	}
}
