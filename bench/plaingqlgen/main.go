// This program is a plain gqlgen server, as everybody writes one: gqlgen's default transports and its LRU cache of
// documents, a token that jwx verifies, a loader, and what there is in maps.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/bench/plaingqlgen/graph"
)

//go:generate go tool gqlgen generate

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "plaingqlgen:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done. Tokens are verified by the variable SECRET. With USERS_TABLE, users are read from
// that table of DynamoDB, in the place of the file.
func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) error {
	flags := flag.NewFlagSet("plaingqlgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var (
		addr = flags.String("addr", "127.0.0.1:8080", "where to listen")
		file = flags.String("data", "", "a file with users and todos, as bench writes it")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	data, err := graph.ReadData(*file)
	if err != nil {
		return err
	}
	resolver := &graph.Resolver{Data: data, FindUser: data.User}
	if table := getenv("USERS_TABLE"); table != "" {
		if resolver.FindUser, err = usersOf(ctx, table); err != nil {
			return err
		}
	}
	schema := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: resolver}))
	schema.AddTransport(transport.Options{})
	schema.AddTransport(transport.GET{})
	schema.AddTransport(transport.POST{})
	schema.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	schema.Use(extension.Introspection{})
	schema.Use(extension.AutomaticPersistedQuery{Cache: lru.New[string](100)})

	mux := http.NewServeMux()
	mux.Handle("/graphql", graph.WithCaller([]byte(getenv("SECRET")), graph.WithLoaders(data, schema)))
	server := &http.Server{Addr: *addr, Handler: mux}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}
