package model

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

var (
	someDays = []string{"0001-01-01", "1999-12-31", "2024-02-29", "2026-02-03", "2026-11-28", "9999-12-31"}

	// Some of these are the same number, and more of them are the same float64.
	someNumbers = []string{
		"0", "-0", "0.00", "-0.0e7", "0.1", "0.10", "1e-1", "0.10000000000000000000000000000000000001", "0.10000000000000000000000000000000000002",
		"-0.1", "-0.10000000000000000000000000000000000001", "9007199254740992", "9007199254740993", "-9007199254740993",
		"12345678901234567890123456789012345678", "1.2345678901234567890123456789012345679e37", "-7", "100", "1E2",
		"1e-130", "-1e-130", "9.9999999999999999999999999999999999999e125", "-9.9999999999999999999999999999999999998e125",
	}

	scalarKeys = []hashKeys{{issuesByDay, []any{
		MustDate("0001-01-01"), MustDate("1999-12-31"), MustDate("2024-02-29"), MustDate("9999-12-31"),
	}}, {issuesByPrice, []any{
		Decimal{}, MustDecimal("0.1"), MustDecimal("0.10000000000000000000000000000000000001"), MustDecimal("9007199254740993"), MustDecimal("-7"),
	}}}
)

// scalars are a plain issue's Dates, as text, and its Decimals, as *big.Rat; nil is null.
type scalars map[string]any

// setScalars gives an issue's item Dates and Decimals, in any form that DynamoDB takes, and returns what
// they are to be read as. What is no key of an index may be absent.
func (d *differential) setScalars(item dynamo.Item) scalars {
	r := d.random
	plain := scalars{"day": "0001-01-01", "until": nil, "price": new(big.Rat), "fee": nil} // what is absent
	isThere := func(name string) bool {
		return r.IntN(5) > 0 || slices.ContainsFunc(d.keys, func(keys hashKeys) bool { return keys.index.Hash == name })
	}
	for _, name := range []string{"day", "until"} {
		delete(item, name)
		if isThere(name) {
			day := pick(r, someDays...)
			item[name], plain[name] = &types.AttributeValueMemberS{Value: day}, day
		}
	}
	for _, name := range []string{"price", "fee"} {
		delete(item, name)
		if isThere(name) {
			text := pick(r, someNumbers...)
			item[name], plain[name] = &types.AttributeValueMemberN{Value: text}, ratOf(text)
		}
	}
	for _, name := range []string{"until", "fee"} {
		if plain[name] == nil && r.IntN(2) == 0 {
			item[name] = &types.AttributeValueMemberNULL{Value: true}
		}
	}
	return plain
}

// number returns a Decimal as a client may give it.
func (d *differential) number() any {
	text := pick(d.random, someNumbers...)
	switch d.random.IntN(4) {
	case 0:
		return json.Number(text)
	case 1:
		if number := ratOf(text); number.IsInt() && number.Num().IsInt64() && !strings.HasPrefix(text, "-0") {
			return number.Num().Int64()
		}
	}
	return text
}

// ratOf returns the number that a text is.
func ratOf(text string) *big.Rat {
	number, isNumber := new(big.Rat).SetString(text)
	if !isNumber {
		panic(text + " is no number")
	}
	return number
}
