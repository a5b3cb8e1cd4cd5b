package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/auth"
)

// configuredKeys returns the keys of OWNQL_JWKS or OWNQL_SECRET, nil where neither is
// set. An error names the variable and repeats nothing secret.
func configuredKeys(getenv func(string) string) (*auth.Keys, error) {
	secret, jwks := getenv("OWNQL_SECRET"), getenv("OWNQL_JWKS")
	switch {
	case secret != "" && jwks != "":
		return nil, errors.New("OWNQL_SECRET and OWNQL_JWKS are both set: unset OWNQL_SECRET; for its tokens to stay good, put it into the set, as `ownql keys --add` does without OWNQL_JWKS")
	case secret != "":
		if err := auth.CheckSecret([]byte(secret)); err != nil {
			return nil, fmt.Errorf("OWNQL_SECRET %w, as `openssl rand -base64 48` makes them", err)
		}
		return auth.NewSecretKeys([]byte(secret)), nil
	case jwks != "":
		text, err := readJWKS(jwks)
		if err != nil {
			return nil, fmt.Errorf("OWNQL_JWKS: %w", err)
		}
		keys, err := auth.ParseKeys(text)
		if err != nil {
			return nil, fmt.Errorf("OWNQL_JWKS: %w", err)
		}
		return keys, nil
	}
	return nil, nil
}

// readJWKS returns the JSON Web Key Set that OWNQL_JWKS is, or that is in the file which
// it names. The error leaves the name out: it may be a set that went wrong.
func readJWKS(value string) ([]byte, error) {
	if strings.HasPrefix(strings.TrimSpace(value), "{") {
		return []byte(value), nil
	}
	text, err := os.ReadFile(value)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf(`neither a JSON Web Key Set, {"keys":[…]}, nor a file with one: %w`, failed.Err)
	}
	return text, err
}

// keysCommand is `ownql keys`.
type keysCommand struct {
	recordFlags
	Alg string `enum:"EdDSA,ES256" default:"EdDSA" placeholder:"EdDSA|ES256" help:"What the key signs by: Ed25519, or ECDSA on P-256 for what does not know that (default ${default})."`
	Add bool   `help:"Put it before the keys of OWNQL_JWKS, or before OWNQL_SECRET, or those that OWNQL_SECRET_ARN names: it signs from now on, and their tokens stay good."`
}

// Help is shown by `ownql keys --help`.
func (keysCommand) Help() string {
	return "What is printed is secret, and is what OWNQL_JWKS holds, or the name of a file with it. " +
		"Its first key signs and all verify, so a key that another was put before is taken out 30 days later, when every session " +
		"that was not used since has ended; sooner, and those who have not been back sign in anew."
}

// Run prints a JSON Web Key Set with a new key.
func (c *keysCommand) Run(ctx context.Context, env *environment) error {
	var behind *auth.Keys
	if c.Add {
		getenv, err := withStoredSecrets(ctx, env.getenv)
		if err != nil {
			return err
		}
		if behind, err = configuredKeys(getenv); err != nil {
			return err
		}
		if behind == nil {
			return errors.New("keys --add: none of OWNQL_JWKS, OWNQL_SECRET and OWNQL_SECRET_ARN is set: want the keys to add to")
		}
	}
	set, err := auth.NewKeySet(c.Alg, behind)
	if err != nil {
		return err
	}
	record, err := c.commandRecord(env, nil)
	if err != nil {
		return err
	}
	record.Write(ctx, audit.Event{Name: audit.Administered, Operation: "keys"})
	closeRecord(ctx, record)
	_, err = env.stdout.Write(set)
	return err
}
