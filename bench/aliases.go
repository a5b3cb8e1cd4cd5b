package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	aliasedNodes   = 30
	aliasesTries   = 100
	batchGetSample = `ownql_dynamodb_calls_total{call="BatchGetItem",code="OK"}`
)

// measureAliases counts what a request of many aliased node() asks of DynamoDB, who is asking included: by the
// metrics of the server, which has nothing else to do.
func measureAliases(ctx context.Context, b *bench) (err error) {
	d, err := b.dataset(ctx, minObjects)
	if err != nil {
		return err
	}
	debug, err := freeAddress()
	if err != nil {
		return err
	}
	s, err := b.begin(ctx, ownql("ownql", "OWNQL_DEBUG_ADDR="+debug).on(b, d, askAliases))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	var calls []int
	for range aliasesTries {
		before, err := batchGets(ctx, debug)
		if err != nil {
			return err
		}
		if _, err := s.questions[0].ask(ctx, http.DefaultClient); err != nil {
			return err
		}
		after, err := batchGets(ctx, debug)
		if err != nil {
			return err
		}
		calls = append(calls, after-before)
	}
	fmt.Fprintf(b.stdout, "| BatchGetItem of a request, of %d | at least | median | at most |\n|---|---:|---:|---:|\n| ownql | %d | %d | %d |\n\n",
		len(calls), slices.Min(calls), median(calls), slices.Max(calls))
	return nil
}

// askAliases asks for several todos by their ids, each by a field of its own.
func askAliases(d *dataset) []asked {
	var query strings.Builder
	for i, one := range d.todos[:aliasedNodes] {
		fmt.Fprintf(&query, "a%d: node(id: %q) { %s } ", i, one.ID, todoFields)
	}
	return []asked{{query: "{ " + query.String() + "}", check: func(data json.RawMessage) error {
		var found map[string]todo
		if err := json.Unmarshal(data, &found); err != nil {
			return err
		}
		for i, want := range d.todos[:aliasedNodes] {
			if !found[fmt.Sprint("a", i)].equal(want) {
				return fmt.Errorf("a%d: want %+v", i, want)
			}
		}
		return nil
	}}}
}

// batchGets returns how many BatchGetItem a server has sent, by the metrics at its debug address.
func batchGets(ctx context.Context, debug string) (int, error) {
	metrics, err := question{method: http.MethodGet, url: "http://" + debug + "/metrics"}.ask(ctx, http.DefaultClient)
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(metrics), batchGetSample+" ")
	if !found {
		return 0, fmt.Errorf("the metrics have no %s", batchGetSample)
	}
	return strconv.Atoi(strings.Fields(rest)[0])
}
