package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// userListCommand is `ownql user list`.
type userListCommand struct {
	storeFlags
	JSON bool `name:"json" help:"Print a JSON object a line."`
}

// Run lists the accounts as they are read, however many there are.
func (c *userListCommand) Run(ctx context.Context, env *environment) error {
	o, closeStore, err := c.openMade(ctx, env)
	if err != nil {
		return err
	}
	defer closeStore()
	var list userList = newUserColumns(env.stdout)
	if c.JSON {
		list = userLines{json.NewEncoder(env.stdout)}
	}
	for user, err := range o.accounts.Users(ctx) {
		if err != nil {
			return fmt.Errorf("user list: %w", err)
		}
		if err := list.print(user); err != nil {
			return err
		}
	}
	return list.end()
}

// A userList prints users.
type userList interface {
	print(*account.User) error
	end() error
}

// userLines are JSON objects, one a line.
type userLines struct{ *json.Encoder }

func (l userLines) print(user *account.User) error {
	return l.Encode(struct {
		Email     string         `json:"email"`
		FirstName string         `json:"firstName"`
		LastName  string         `json:"lastName"`
		Roles     []string       `json:"roles"`
		CreatedAt model.DateTime `json:"createdAt"`
		ID        string         `json:"id"`
	}{user.Email, user.FirstName, user.LastName, append([]string{}, user.Roles...), user.CreatedAt, user.GlobalID()})
}

func (userLines) end() error { return nil }

// userColumns are aligned, as far as can be without keeping every user in memory: in
// blocks of that many lines.
type userColumns struct {
	*tabwriter.Writer
	lines int
}

const userColumnsBlock = 1000

func newUserColumns(w io.Writer) *userColumns {
	columns := &userColumns{Writer: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(columns, "EMAIL\tNAME\tROLES\tCREATED\tID")
	return columns
}

func (c *userColumns) print(user *account.User) error {
	name := strings.TrimSpace(user.FirstName + " " + user.LastName)
	fmt.Fprintf(c, "%s\t%s\t%s\t%s\t%s\n", user.Email, name, rolesText(user.Roles), user.CreatedAt, user.GlobalID())
	if c.lines++; c.lines%userColumnsBlock == 0 {
		return c.Flush()
	}
	return nil
}

func (c *userColumns) end() error { return c.Flush() }
