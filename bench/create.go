package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// creators is how many create at once.
const creators = 16

// measureCreate measures how many todos are made, by those that keep them.
func measureCreate(ctx context.Context, b *bench) error {
	d, err := b.dataset(ctx, b.objects)
	if err != nil {
		return err
	}
	return race{
		contestants: []contestant{ownql("ownql").on(b, d, askCreate), pocketBase(d, askPocketBaseCreate), enginePuts(d)},
		connections: []int{creators},
	}.run(ctx, b)
}

// enginePuts is the embedded engine alone, in a process of its own that puts items as they are when a todo is made,
// each synced before the next.
func enginePuts(d *dataset) contestant {
	return contestant{"the engine's own PutItem", func(ctx context.Context, p *place) (*server, error) {
		if err := os.CopyFS(filepath.Join(p.dir, "store"), os.DirFS(d.store)); err != nil {
			return nil, err
		}
		base, err := p.serveSelf(ctx, "puts")
		return &server{load: putsLoad{base}}, err
	}}
}

// A putsLoad tells the process of enginePuts for how long to put.
type putsLoad struct{ base string }

func (l putsLoad) take(ctx context.Context, d time.Duration, connections int) (turn, error) {
	query := url.Values{"for": {d.String()}, "at-once": {strconv.Itoa(connections)}}
	answer, err := question{method: http.MethodPost, url: l.base + "?" + query.Encode()}.ask(ctx, http.DefaultClient)
	if err != nil {
		return turn{}, fmt.Errorf("%w: %s", err, answer)
	}
	var took putsTook
	err = json.Unmarshal(answer, &took)
	return turn{requests: took.Requests, rate: took.Rate, p50: took.P50, p99: took.P99}, err
}

// putsTook is what the process answers.
type putsTook struct {
	Requests int
	Rate     float64
	P50, P99 time.Duration
}

// servePuts puts items for as long as a request says.
func servePuts(ctx context.Context, dir, addr string) error {
	engine, err := dynamolocal.Open(filepath.Join(dir, "store"))
	if err != nil {
		return err
	}
	defer engine.Close()
	return serveHTTP(ctx, addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		d, err := time.ParseDuration(r.FormValue("for"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		atOnce, err := strconv.Atoi(r.FormValue("at-once"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		took, err := putFor(r.Context(), engine, d, atOnce)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(took)
	}))
}

// putItem returns a todo as it lies in its table.
func putItem(owner string, made time.Time) map[string]types.AttributeValue {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	at := text(made.UTC().Format("2006-01-02T15:04:05.000Z"))
	return map[string]types.AttributeValue{
		"id": text(uuid.Must(uuid.NewV7()).String()), "ownerId": text(owner), "version": &types.AttributeValueMemberN{Value: "1"},
		"createdAt": at, "updatedAt": at, "title": text(title(0)), "done": &types.AttributeValueMemberBOOL{},
	}
}

func putFor(ctx context.Context, engine *dynamolocal.DB, d time.Duration, atOnce int) (putsTook, error) {
	var (
		group errgroup.Group
		each  = make([][]time.Duration, atOnce)
		owner = uuid.NewString()
		began = time.Now()
	)
	for i := range each {
		group.Go(func() error {
			for time.Since(began) < d {
				asked := time.Now()
				if _, err := engine.PutItem(ctx, &dynamodb.PutItemInput{
					TableName:           aws.String("todos"),
					Item:                putItem(owner, asked),
					ConditionExpression: aws.String("attribute_not_exists(id)"),
				}); err != nil {
					return err
				}
				each[i] = append(each[i], time.Since(asked))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return putsTook{}, err
	}
	seconds := time.Since(began).Seconds()
	all := slices.Sorted(slices.Values(slices.Concat(each...)))
	return putsTook{len(all), float64(len(all)) / seconds, quantile(all, 50), quantile(all, 99)}, nil
}

// quantile returns what that many percent of sorted values do not exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}
