package command

import (
	"net/http"

	"github.com/guregu/dynamo/v2/dynamodbiface"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// Assembled is a project as `serve` assembles it, for package ownqltest: with its routes and
// its middleware, and without a listener and a log.
type Assembled[S any] struct {
	Handler http.Handler
	Store   S
	DB      *model.DB
	Schema  gql.Schema
	SignIn  *auth.Auth
}

// Assemble returns the project on the tables behind client, as nobody's flags would have it:
// sign-up is open, nothing is mailed, and the limits are the defaults. With anonymous, requests
// without a token are executed.
func Assemble[S any](app App[S], client dynamodbiface.DynamoDBAPI, keys *auth.Keys, anonymous bool) (*Assembled[S], error) {
	tracing := noop.NewTracerProvider()
	o := app.project().on(model.Observe(client, tracing), "", model.WithCursorKeys(keys.CursorKeys()))
	site, err := newSite(o, config{
		keys: keys, issuer: "ownql", anonymous: anonymous, introspection: true,
		limits: gql.DefaultLimits, maxRequests: 1000, tracing: tracing,
	}, nil, nil, "")
	if err != nil {
		return nil, err
	}
	return &Assembled[S]{site, o.store.(S), o.db, o.schema(site.signIn.Accounts), site.signIn}, nil
}
