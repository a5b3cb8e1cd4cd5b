package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// measureDynamoDB measures who is signed in, of those that read that from DynamoDB. The stub runs on the client's
// processors: it takes a fraction of what the servers take to ask it.
func measureDynamoDB(ctx context.Context, b *bench) (err error) {
	d, err := b.dataset(ctx, minObjects)
	if err != nil {
		return err
	}
	at, err := b.newPlace()
	if err != nil {
		return err
	}
	at.cpus = "" // this process's own
	defer func() { err = errors.Join(err, at.stop()) }()
	if err := os.CopyFS(filepath.Join(at.dir, "store"), os.DirFS(d.store)); err != nil {
		return err
	}
	url, err := at.serveSelf(ctx, "stub")
	if err != nil {
		return err
	}
	env := []string{"AWS_ENDPOINT_URL_DYNAMODB=" + url, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench"}
	of := race{
		contestants: allOn(b, d, askViewer,
			ownql("ownql", append(env, "OWNQL_STORE=dynamodb", "OWNQL_SECRET="+secret)...),
			plain("plain gqlgen with one GetItem", append(env, "USERS_TABLE=users")...)),
		connections: []int{1, 32},
	}
	if err := of.run(ctx, b); err != nil {
		return err
	}
	used, err := at.cpuTime()
	asked := time.Duration(len(of.connections)*len(of.contestants)*(1+b.rounds)) * b.turn
	fmt.Fprintf(b.stdout, "The stub used the client's processor for %.0f %% of the time.\n\n", 100*used.Seconds()/asked.Seconds())
	return err
}

// serveStub serves DynamoDB's protocol until ctx is done. What is read it asks of the engine once, and answers the
// same from then on.
func serveStub(ctx context.Context, dir, addr string) (err error) {
	engine, err := dynamolocal.Open(filepath.Join(dir, "store"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	var (
		asks  = engine.Handler()
		known sync.Map // of the request's operation and body, an *httptest.ResponseRecorder
	)
	return serveHTTP(ctx, addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if operation != "GetItem" && operation != "BatchGetItem" {
			asks.ServeHTTP(w, r)
			return
		}
		key := operation + string(body)
		answer, ok := known.Load(key)
		if !ok {
			recorder := httptest.NewRecorder()
			asks.ServeHTTP(recorder, r)
			answer, _ = known.LoadOrStore(key, recorder)
		}
		recorded := answer.(*httptest.ResponseRecorder)
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorded.Code)
		w.Write(recorded.Body.Bytes())
	}))
}
