package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	loginsAtOnce = 64
	loginTurn    = 8 * time.Second // more than a sign-in waits before it is turned away
	viewerEvery  = 5 * time.Millisecond
)

// measureLogins measures who is signed in, asked 200 times a second whether or not the last is answered, alone and
// while clients sign in over and over.
func measureLogins(ctx context.Context, b *bench) (err error) {
	d, err := b.dataset(ctx, minObjects)
	if err != nil {
		return err
	}
	s, err := b.begin(ctx, ownql("ownql", "OWNQL_RATE_LIMIT=off").on(b, d, askViewer))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}
	defer client.CloseIdleConnections()
	logins := make([]question, loginsAtOnce)
	for i := range logins {
		email := fmt.Sprintf("u%d@example.com", i)
		if _, status, err := s.credentials("/signup", email).send(ctx, client); err != nil || status != http.StatusCreated {
			return fmt.Errorf("sign up: %d, %v", status, err)
		}
		logins[i] = s.credentials("/login", email)
	}
	var alone, beside []time.Duration
	var signedIn, busy atomic.Int64
	for range b.rounds {
		took, err := s.pace(ctx, client, loginTurn)
		if err != nil {
			return err
		}
		alone = append(alone, took...)

		turn, stop := context.WithTimeout(ctx, loginTurn)
		var (
			wg       sync.WaitGroup
			loginErr atomic.Pointer[error]
		)
		for _, login := range logins {
			wg.Go(func() {
				for turn.Err() == nil {
					_, status, err := login.send(ctx, client)
					switch {
					case status == http.StatusOK:
						signedIn.Add(1)
					case status == http.StatusServiceUnavailable:
						busy.Add(1)
					default:
						err = fmt.Errorf("sign in: %d, %v", status, err)
						loginErr.Store(&err)
						return
					}
				}
			})
		}
		took, err = s.pace(ctx, client, loginTurn)
		wg.Wait()
		stop()
		if failed := loginErr.Load(); failed != nil {
			err = errors.Join(err, *failed)
		}
		if err != nil {
			return err
		}
		beside = append(beside, took...)
	}
	slices.Sort(alone)
	slices.Sort(beside)
	fmt.Fprintf(b.stdout, "| viewer, 200 a second | p50 | p99 | sign-ins | turned away |\n|---|---:|---:|---:|---:|\n")
	fmt.Fprintf(b.stdout, "| alone | %s | %s | | |\n", milliseconds(float64(quantile(alone, 50))), milliseconds(float64(quantile(alone, 99))))
	fmt.Fprintf(b.stdout, "| beside %d logins at once | %s | %s | %d | %d |\n\n", loginsAtOnce,
		milliseconds(float64(quantile(beside, 50))), milliseconds(float64(quantile(beside, 99))), signedIn.Load(), busy.Load())
	return nil
}

// credentials returns a request by which somebody signs up, or in.
func (s *server) credentials(path, email string) question {
	body, err := json.Marshal(map[string]string{"email": email, "password": "correct horse", "firstName": "U"})
	if err != nil {
		panic(err) // it is made of strings
	}
	return question{method: http.MethodPost, url: s.url + path, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// pace asks the server's first question at a fixed pace, and returns how long each took from the moment that it was
// due.
func (s *server) pace(ctx context.Context, client *http.Client, d time.Duration) ([]time.Duration, error) {
	var (
		wg    sync.WaitGroup
		took  = make([]time.Duration, d/viewerEvery)
		errs  = make([]error, len(took))
		began = time.Now()
	)
	for i := range took {
		due := began.Add(time.Duration(i) * viewerEvery)
		time.Sleep(time.Until(due))
		wg.Go(func() {
			answer, err := s.questions[0].ask(ctx, client)
			took[i] = time.Since(due)
			if err == nil {
				err = s.questions[0].check(answer)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return took, errors.Join(errs...)
}
