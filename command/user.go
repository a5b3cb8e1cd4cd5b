package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

// userCommands are `ownql user …`.
type userCommands struct {
	Add      userAddCommand      `cmd:"" help:"Make an account. The password is asked for, or read from standard input."`
	List     userListCommand     `cmd:"" help:"List the accounts, in no order."`
	Role     userRoleCommand     `cmd:"" help:"Change a user's roles, from the next request on."`
	SignOut  userSignOutCommand  `cmd:"" help:"End all sessions of an account, whose password and service tokens stay."`
	Password userPasswordCommand `cmd:"" help:"Set an account's password, sign it out everywhere, and end its service tokens. The password is asked for, or read from standard input."`
	Remove   userRemoveCommand   `cmd:"" help:"Delete an account and everything that it owns."`
}

// userAddCommand is `ownql user add`.
type userAddCommand struct {
	storeFlags
	Email     string   `arg:"" help:"The address to sign in with."`
	FirstName string   `required:"" help:"The given name."`
	LastName  string   `help:"The family name."`
	Role      []string `placeholder:"ROLE" help:"A role to have; repeatable."`
}

// Run makes an account.
func (c *userAddCommand) Run(ctx context.Context, env *environment) error {
	if _, err := account.CanonicalEmail(c.Email); err != nil {
		return fmt.Errorf("user add %s: %w", c.Email, err)
	}
	if err := checkRoles("--role", c.Role); err != nil {
		return err
	}
	password, err := readPassword(ctx, env.stdin, env.stderr)
	if err != nil {
		return err
	}
	o, closeStore, err := c.openMade(ctx, env)
	if err != nil {
		return err
	}
	defer closeStore()
	user, err := newAccounts(o).Create(ctx, auth.SignupInput{
		Email:     c.Email,
		Password:  password,
		FirstName: c.FirstName,
		LastName:  c.LastName,
		Roles:     c.Role,
	}, nil)
	if err != nil {
		return fmt.Errorf("user add %s: %w", c.Email, err)
	}
	fmt.Fprintf(env.stdout, "added %s, id %s\n", user.Email, user.GlobalID())
	return nil
}

// userRoleCommand is `ownql user role`.
type userRoleCommand struct {
	storeFlags
	Email  string   `arg:"" help:"The address that the account signs in with."`
	Add    []string `placeholder:"ROLE" help:"A role to have from now on; repeatable."`
	Remove []string `placeholder:"ROLE" help:"A role to have no more; repeatable."`
}

// Run changes the roles, and prints what they are then.
func (c *userRoleCommand) Run(ctx context.Context, env *environment) error {
	if len(c.Add) == 0 && len(c.Remove) == 0 {
		return fmt.Errorf("user role %s: want --add ROLE or --remove ROLE", c.Email)
	}
	if err := checkRoles("--add", c.Add); err != nil {
		return err
	}
	if err := checkRoles("--remove", c.Remove); err != nil {
		return err
	}
	for _, role := range c.Add {
		if slices.Contains(c.Remove, role) {
			return fmt.Errorf("--add %s: --remove has it too", role)
		}
	}
	return c.onAccount(ctx, env, "role", c.Email, func(o *opened, email string) error {
		login, err := o.accounts.Login(ctx, email)
		if err != nil {
			return err
		}
		before, err := o.accounts.User(ctx, login.UserID)
		if err != nil {
			return err
		}
		user, err := o.accounts.ChangeRoles(ctx, login.UserID, c.Add, c.Remove)
		if err != nil {
			return err
		}
		if from, to := rolesText(before.Roles), rolesText(user.Roles); from != to {
			o.record.Write(ctx, audit.Event{Name: audit.RolesChanged, UserID: user.ID, Account: email, From: from, To: to})
		}
		fmt.Fprintf(env.stdout, "%s has the roles: %s\n", email, rolesText(user.Roles))
		return nil
	})
}

// checkRoles returns an error where one of the roles, which a flag gave, is none.
func checkRoles(flag string, roles []string) error {
	for _, role := range roles {
		if err := auth.CheckRole(role); err != nil {
			return fmt.Errorf("%s %q: %w", flag, role, err)
		}
	}
	return nil
}

// rolesText is how roles are printed.
func rolesText(roles []string) string {
	if len(roles) == 0 {
		return "-"
	}
	return strings.Join(slices.Sorted(slices.Values(roles)), ",")
}

// userPasswordCommand is `ownql user password`.
type userPasswordCommand struct {
	storeFlags
	Email string `arg:"" help:"The address that the account signs in with."`
}

// Run sets the password.
func (c *userPasswordCommand) Run(ctx context.Context, env *environment) error {
	if _, err := account.CanonicalEmail(c.Email); err != nil {
		return fmt.Errorf("user password %s: %w", c.Email, err)
	}
	password, err := readPassword(ctx, env.stdin, env.stderr)
	if err != nil {
		return err
	}
	return c.onAccount(ctx, env, "password", c.Email, func(o *opened, email string) error {
		if err := newAccounts(o).SetPassword(ctx, email, password); err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "%s has another password, and is signed out everywhere\n", email)
		return nil
	})
}

// userSignOutCommand is `ownql user sign-out`.
type userSignOutCommand struct {
	storeFlags
	Email string `arg:"" help:"The address that the account signs in with."`
}

// Run ends the sessions.
func (c *userSignOutCommand) Run(ctx context.Context, env *environment) error {
	return c.onAccount(ctx, env, "sign-out", c.Email, func(o *opened, email string) error {
		if err := newAccounts(o).SignOutEverywhere(ctx, email); err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "%s is signed out everywhere\n", email)
		return nil
	})
}

// userRemoveCommand is `ownql user remove`.
type userRemoveCommand struct {
	storeFlags
	Email string `arg:"" help:"The address that the account signs in with."`
	Force bool   `help:"Remove an address that has no account any more, too, such as one of an import that was cut, and what that account owned; and one that is the last in the highest role of something that others are members of."`
}

// Run deletes an account, and waits until all that it owned is gone.
func (c *userRemoveCommand) Run(ctx context.Context, env *environment) error {
	return c.onAccount(ctx, env, "remove", c.Email, func(o *opened, email string) error {
		login, err := o.accounts.Login(ctx, email)
		if err != nil {
			return err
		}
		isComplete := false
		user, err := o.accounts.User(ctx, login.UserID)
		switch {
		case err == nil && c.Force:
			isComplete, err = newAccounts(o).ForceRemove(ctx, user)
		case err == nil:
			isComplete, err = newAccounts(o).Remove(ctx, user)
		case c.Force && errors.Is(err, model.ErrNotFound):
			isComplete, err = o.accounts.DeleteLogin(ctx, login)
			if err == nil {
				o.record.Write(ctx, audit.Event{Name: audit.UserDeleted, UserID: login.UserID, Account: email})
			}
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "removed %s\n", email)
		if !isComplete {
			fmt.Fprintln(env.stdout, "what it owned is not all gone: the rest goes while `ownql serve` runs")
		}
		return nil
	})
}

// onAccount does something to the account of an address, of which do gets the canonical
// form. An error names the command and the address.
func (f *storeFlags) onAccount(ctx context.Context, env *environment, command, address string, do func(o *opened, email string) error) error {
	return f.onAccountBy(ctx, env, "user "+command, address, do)
}

// onAccountBy is onAccount of any command.
func (f *storeFlags) onAccountBy(ctx context.Context, env *environment, command, address string, do func(o *opened, email string) error) error {
	email, err := account.CanonicalEmail(address)
	if err != nil {
		return fmt.Errorf("%s %s: %w", command, address, err)
	}
	o, closeStore, err := f.openMade(ctx, env)
	if err != nil {
		return err
	}
	defer closeStore()
	err = do(o, email)
	switch {
	case errors.Is(err, model.ErrNotFound):
		err = errors.New("there is no such account")
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", command, email, err)
	}
	return nil
}

// newAccounts returns the accounts as a command has them, which mails nothing.
func newAccounts(o *opened) *auth.Accounts {
	return auth.NewAccounts(o.accounts, auth.NewPasswords(), auth.NewPost(o.accounts, nil, ""), o.record, false, o.hooks)
}
