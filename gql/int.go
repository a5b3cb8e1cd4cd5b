package gql

import (
	"math"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ownql/ownql/model"
)

// MarshalInt is called by gqlgen for each Int of an answer.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt is called by gqlgen for each Int of a request, which has 32 bits.
// https://spec.graphql.org/October2021/#sec-Int
func UnmarshalInt(v any) (int, error) {
	n, err := graphql.UnmarshalInt32(v)
	if err != nil {
		return 0, model.BadInput("", "an Int is a whole number from "+strconv.Itoa(math.MinInt32)+" to "+strconv.Itoa(math.MaxInt32))
	}
	return int(n), nil
}
