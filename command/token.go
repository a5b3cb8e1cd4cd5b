package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

// tokenCommands are `ownql token …`.
type tokenCommands struct {
	Add    tokenAddCommand    `cmd:"" help:"Make a service token of a user's, and print it: nobody can be told it again."`
	List   tokenListCommand   `cmd:"" help:"List a user's service tokens, the newest first."`
	Revoke tokenRevokeCommand `cmd:"" help:"End service tokens of a user's: their next request is refused."`
}

// tokenAddCommand is `ownql token add`.
type tokenAddCommand struct {
	storeFlags
	Email   string   `arg:"" help:"The address that the user signs in with."`
	Name    string   `required:"" help:"What to call the token, such as where it is used."`
	Scopes  []string `required:"" placeholder:"SCOPE" help:"What it is good for, operations by type: read:Issue,create:Issue; repeatable. It allows nothing that the user may not do."`
	Expires string   `placeholder:"TIME" help:"When it ends by itself: after 12h or 90d, or at 2027-01-31T12:00:00Z (default: when it is revoked)."`
}

// Run makes a token, of which standard output gets the secret alone, for a script to take.
func (c *tokenAddCommand) Run(ctx context.Context, env *environment) error {
	expires, err := parseExpiry(c.Expires, time.Now())
	if err != nil {
		return err
	}
	return c.ofUser(ctx, env, "add", c.Email, func(o *opened, user *account.User) error {
		token, secret, err := newAccounts(o).MakeToken(ctx, user, auth.TokenInput{Name: c.Name, Scopes: c.Scopes, ExpiresAt: expires})
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stderr, "made the token %q of %s, id %s; keep what follows now, nobody can be told it again\n", token.Name, user.Email, token.GlobalID())
		fmt.Fprintln(env.stdout, secret)
		return nil
	})
}

// parseExpiry takes when a token ends; nil: when it is revoked.
func parseExpiry(text string, now time.Time) (*model.DateTime, error) {
	if text == "" {
		return nil, nil
	}
	life, err := parseLife(text)
	end := now.Add(life)
	if err != nil {
		if end, err = time.Parse(time.RFC3339, text); err != nil || !end.After(now) {
			return nil, fmt.Errorf("--expires %q: want a time from 1m to 3650d, such as 12h or 90d, or a moment to come, such as %s", text, now.AddDate(0, 3, 0).UTC().Format(time.RFC3339))
		}
	}
	at := model.NewDateTime(end)
	return &at, nil
}

// tokenListCommand is `ownql token list`.
type tokenListCommand struct {
	storeFlags
	Email string `arg:"" help:"The address that the user signs in with."`
	JSON  bool   `name:"json" help:"Print a JSON object a line."`
}

// Run lists the tokens.
func (c *tokenListCommand) Run(ctx context.Context, env *environment) error {
	return c.ofUser(ctx, env, "list", c.Email, func(o *opened, user *account.User) error {
		tokens, err := o.accounts.AllTokens(ctx, user)
		if err != nil {
			return err
		}
		if c.JSON {
			lines := json.NewEncoder(env.stdout)
			for _, token := range tokens {
				if err := lines.Encode(tokenLine{token.Name, token.Scopes, token.CreatedAt, token.ExpiresAt, token.LastUsedAt, token.GlobalID()}); err != nil {
					return err
				}
			}
			return nil
		}
		columns := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(columns, "NAME\tSCOPES\tCREATED\tEXPIRES\tLAST USED\tID")
		for _, token := range tokens {
			fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\t%s\n", token.Name, strings.Join(token.Scopes, ","), token.CreatedAt, orNever(token.ExpiresAt), orNever(token.LastUsedAt), token.GlobalID())
		}
		return columns.Flush()
	})
}

// tokenLine is how a token is printed as JSON.
type tokenLine struct {
	Name       string          `json:"name"`
	Scopes     []string        `json:"scopes"`
	CreatedAt  model.DateTime  `json:"createdAt"`
	ExpiresAt  *model.DateTime `json:"expiresAt"`
	LastUsedAt *model.DateTime `json:"lastUsedAt"`
	ID         string          `json:"id"`
}

func orNever(at *model.DateTime) string {
	if at == nil {
		return "never"
	}
	return at.String()
}

// tokenRevokeCommand is `ownql token revoke`.
type tokenRevokeCommand struct {
	storeFlags
	Email string   `arg:"" help:"The address that the user signs in with."`
	ID    []string `arg:"" optional:"" help:"The tokens' ids, as 'token list' prints them."`
	All   bool     `help:"All tokens of the user's."`
}

// Run ends tokens.
func (c *tokenRevokeCommand) Run(ctx context.Context, env *environment) error {
	if c.All == (len(c.ID) > 0) {
		return fmt.Errorf("token revoke %s: want ids, as 'token list' prints them, or --all", c.Email)
	}
	return c.ofUser(ctx, env, "revoke", c.Email, func(o *opened, user *account.User) error {
		ids := c.ID
		if c.All {
			tokens, err := o.accounts.AllTokens(ctx, user)
			if err != nil {
				return err
			}
			for _, token := range tokens {
				ids = append(ids, token.GlobalID())
			}
		}
		for _, id := range ids {
			err := newAccounts(o).EndToken(ctx, user, id, "revoked by the operator")
			if errors.Is(err, model.ErrNotFound) {
				err = fmt.Errorf("there is no such token: %s", id)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(env.stdout, "revoked %s\n", id)
		}
		return nil
	})
}

// ofUser does something to the service tokens of the user of an address. An error names the command and the
// address.
func (f *storeFlags) ofUser(ctx context.Context, env *environment, command, address string, do func(*opened, *account.User) error) error {
	return f.onAccountBy(ctx, env, "token "+command, address, func(o *opened, email string) error {
		login, err := o.accounts.Login(ctx, email)
		if err != nil {
			return err
		}
		user, err := o.accounts.User(ctx, login.UserID)
		if err != nil {
			return err
		}
		return do(o, user)
	})
}
