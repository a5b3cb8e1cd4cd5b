package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// userCommands are `ownql user …`.
type userCommands struct {
	Add    userAddCommand    `cmd:"" help:"Make an account. The password is asked for, or read from standard input."`
	Remove userRemoveCommand `cmd:"" help:"Delete an account and everything that it owns."`
}

// userAddCommand is `ownql user add`.
type userAddCommand struct {
	storeFlags
	Email     string `arg:"" help:"The address to sign in with."`
	FirstName string `required:"" help:"The given name."`
	LastName  string `help:"The family name."`
}

// Run makes an account.
func (c *userAddCommand) Run(ctx context.Context, env *environment) error {
	if _, err := auth.CanonicalEmail(c.Email); err != nil {
		return fmt.Errorf("user add %s: %w", c.Email, err)
	}
	password, err := readPassword(ctx, env.stdin, env.stderr)
	if err != nil {
		return err
	}
	s, closeStore, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	if c.isEmbedded() {
		if _, err := s.CreateTables(ctx); err != nil {
			return err
		}
	}
	user, err := auth.NewAccounts(s, auth.NewPasswords()).Create(ctx, auth.SignupInput{
		Email:     c.Email,
		Password:  password,
		FirstName: c.FirstName,
		LastName:  c.LastName,
	}, nil)
	if err != nil {
		return fmt.Errorf("user add %s: %w", c.Email, err)
	}
	fmt.Fprintf(env.stdout, "added %s, id %s\n", user.Email, user.GlobalID())
	return nil
}

// userRemoveCommand is `ownql user remove`.
type userRemoveCommand struct {
	storeFlags
	Email string `arg:"" help:"The address that the account signs in with."`
}

// Run deletes an account.
func (c *userRemoveCommand) Run(ctx context.Context, env *environment) error {
	email, err := auth.CanonicalEmail(c.Email)
	if err != nil {
		return fmt.Errorf("user remove %s: %w", c.Email, err)
	}
	s, closeStore, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	login, err := s.Login(ctx, email)
	if err == nil {
		err = s.DeleteUser(ctx, login.UserID)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = errors.New("there is no such account")
	}
	if err != nil {
		return fmt.Errorf("user remove %s: %w", email, err)
	}
	fmt.Fprintf(env.stdout, "removed %s\n", email)
	return nil
}
