package account_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// TestSessionSeesEachChange asks for a session again and again, so that what it is decoded to is known, while
// the session and its user are changed: by the same process, and by another, which comes by DynamoDB's protocol.
func TestSessionSeesEachChange(t *testing.T) {
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	s := account.New(model.Open(engine, ""))
	if _, err := s.DB().CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(engine.Handler())
	defer server.Close()
	far := account.New(model.Open(dynamodb.New(dynamodb.Options{
		BaseEndpoint: &server.URL, Region: "local", Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("a", "b", "")),
	}), ""))
	for name, by := range map[string]*account.Store{"this process": s, "another": far} {
		t.Run(name, func(t *testing.T) {
			email := name[:4] + "@example.com"
			user, session := signUp(t, s, email)
			token := &account.Token{ID: model.NewID(), Name: "ci", Scopes: []string{"read:User"}, Secret: []byte("hash")}
			if err := s.CreateToken(t.Context(), user, token); err != nil {
				t.Fatal(err)
			}
			read := func() (*account.User, *account.Session) {
				t.Helper()
				for range 2 {
					if _, _, err := s.Token(t.Context(), user.ID, token.ID); err != nil {
						t.Fatal(err)
					}
					if _, _, err := s.Session(t.Context(), user.ID, session.ID); err != nil {
						t.Fatal(err)
					}
				}
				user, session, err := s.Session(t.Context(), user.ID, session.ID)
				if err != nil {
					t.Fatal(err)
				}
				return user, session
			}
			first, firstSession := read()
			if same, sameSession := read(); !cmp.Equal(first, same, compareKept) || !cmp.Equal(firstSession, sameSession, compareKept) {
				t.Errorf("%+v, %+v; before that %+v, %+v", same, sameSession, first, firstSession)
			}

			if _, err := by.ChangeRoles(t.Context(), user.ID, []string{"editor"}, nil); err != nil {
				t.Fatal(err)
			}
			changed, _ := read()
			if !slices.Equal(changed.Roles, []string{"editor"}) || !slices.Equal(changed.Caller().Roles, changed.Roles) {
				t.Fatalf("the user has the roles %q", changed.Roles)
			}
			changed.Roles[0], changed.FirstName = "admin", "Eve"
			if again, _ := read(); again.Roles[0] != "editor" || again.FirstName != "Ada" {
				t.Errorf("who changed a user that was read changed it for others: %+v", again)
			}
			name := "Augusta"
			if _, err := by.UpdateUser(t.Context(), user.Caller(), user.ID, account.UserUpdate{FirstName: &name}); err != nil {
				t.Fatal(err)
			}
			if changed, _ := read(); changed.FirstName != name {
				t.Errorf("the user is called %q", changed.FirstName)
			}
			if err := by.ProlongSession(t.Context(), firstSession, 2*time.Hour); err != nil {
				t.Fatal(err)
			}
			if _, changed := read(); changed.TTL < firstSession.TTL+1800 {
				t.Errorf("the session ends at %d, as before at %d", changed.TTL, firstSession.TTL)
			}
			if _, err := by.ChangeRoles(t.Context(), user.ID, nil, []string{"editor"}); err != nil {
				t.Fatal(err)
			}
			if changed, _ := read(); len(changed.Roles) != 0 {
				t.Errorf("the user still has the roles %q", changed.Roles)
			}

			if _, err := by.RevokeToken(t.Context(), user, token.GlobalID()); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Token(t.Context(), user.ID, token.ID); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("the token that was revoked: %v", err)
			}
			other := account.NewSession(time.Hour, "test")
			if err := s.OpenSession(t.Context(), loginOf(t, s, email), other, account.NewAttemptKey(email, "")); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, _, err := s.Session(t.Context(), user.ID, other.ID); err != nil {
					t.Fatal(err)
				}
			}
			if err := by.RevokeSession(t.Context(), user, other.GlobalID()); err != nil {
				t.Fatal(err)
			}
			wantNoSession(t, s, user.ID, other.ID)
			if _, err := by.SetPassword(t.Context(), email, "another hash"); err != nil {
				t.Fatal(err)
			}
			wantNoSession(t, s, user.ID, session.ID)
			wantNoSession(t, s, user.ID, session.ID)
		})
	}
}
