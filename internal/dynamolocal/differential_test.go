//go:build dynamodblocal

package dynamolocal

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

var (
	seedFlag      = flag.Uint64("seed", 0, "the seed of the random sequences; 0 takes one from the clock")
	sequencesFlag = flag.Int("sequences", 40, "how many random sequences of requests to compare")
)

// TestDifferential gives the engine and DynamoDB Local the same random sequences of requests
// and compares every answer. A sequence that fails is shrunk before it is printed.
func TestDifferential(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	client := dynamoDBLocal(t)
	defer deleteTables(t, client)
	for i := range *sequencesFlag {
		seed := seed + uint64(i)
		requests := newGenerator(seed).sequence(120)
		differs := func(requests []string) string {
			deleteTables(t, client)
			return firstDifference(t, openTemp(t), client, requests)
		}
		if differs(requests) == "" {
			continue
		}
		requests = shrink(requests, func(r []string) bool { return differs(r) != "" })
		t.Fatalf("-seed %d -sequences 1:\n%s\n%s", seed, strings.Join(requests, "\n"), differs(requests))
	}
}

// firstDifference is the first answer in which the two differ, "" if there is none.
func firstDifference(t *testing.T, ours, theirs dynamodbiface.DynamoDBAPI, requests []string) string {
	for _, r := range requests {
		got, want := plain(request(t, ours, r)), plain(judge(t, theirs, r))
		// Which of several things wrong with a request is told is AWS's order, which is not DynamoDB
		// Local's: TestFaults has it. Whether a transaction is refused or canceled is the same.
		kind, _, _ := strings.Cut(got, ":")
		if isValidation(got) && isValidation(want) && strings.HasPrefix(want, kind) {
			continue
		}
		if got != want {
			return fmt.Sprintf("want %s\ngot  %s", want, got)
		}
	}
	return ""
}

// judge is DynamoDB Local's answer to a request. For an update it gives the whole attributes, where
// DynamoDB gives what is at the end of the update's paths: its GetItem tells what that is.
func judge(t *testing.T, theirs dynamodbiface.DynamoDBAPI, text string) string {
	input, isUpdate := strings.CutPrefix(text, "> UpdateItem ")
	in := &dynamodb.UpdateItemInput{}
	if isUpdate {
		if err := unmarshalJSON([]byte(input), in); err != nil {
			t.Fatal(err)
		}
	}
	if in.ReturnValues != types.ReturnValueUpdatedOld && in.ReturnValues != types.ReturnValueUpdatedNew {
		return request(t, theirs, text)
	}
	var paths []string
	ph, err := newPlaceholders(nil, in.ExpressionAttributeValues)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := ph.update(in.UpdateExpression) // one that is refused changes nothing
	for _, p := range u.paths() {
		steps := ""
		for _, s := range p {
			steps += "." + s.String()
		}
		paths = append(paths, strings.ReplaceAll(steps[1:], ".[", "["))
	}
	look := func() string {
		var found struct{ Item object }
		answer := request(t, theirs, printRequest("GetItem", object{"TableName": in.TableName, "ConsistentRead": true,
			"Key": json.RawMessage(keyRE.FindStringSubmatch(input)[1]), "ProjectionExpression": strings.Join(paths, ", ")}))
		if err := json.Unmarshal([]byte(answer), &found); err != nil {
			t.Fatal(answer)
		}
		if len(found.Item) == 0 {
			return "{}"
		}
		attributes, err := printJSON(object{"Attributes": found.Item})
		if err != nil {
			t.Fatal(err)
		}
		return attributes
	}
	var old string
	if u != nil {
		old = look()
	}
	switch answer := request(t, theirs, text); {
	case !strings.HasPrefix(answer, "{"):
		return answer
	case in.ReturnValues == types.ReturnValueUpdatedOld:
		return old
	}
	return look()
}

// keyRE finds the key of a request of the generator's.
var keyRE = regexp.MustCompile(`"Key":(\{"h":.*?\}\})`)

func isValidation(answer string) bool {
	return strings.HasPrefix(answer, "ValidationException") ||
		strings.HasPrefix(answer, "TransactionCanceledException") && strings.Contains(answer, "ValidationError")
}

var numberRE = regexp.MustCompile(`"N":"[^"]*"`)

// plain is an answer without what only DynamoDB Local does: the difference of two equal numbers
// with its zeros; a full stop after one of the messages.
func plain(answer string) string {
	answer = strings.ReplaceAll(answer, "request failed.", "request failed")
	return numberRE.ReplaceAllStringFunc(answer, func(s string) string {
		n, _ := scanNumber(s[len(`"N":"`) : len(s)-1])
		return `"N":"` + n.String() + `"`
	})
}

// shrink leaves out requests, ever smaller runs of them, as long as the rest still fails.
func shrink(requests []string, fails func([]string) bool) []string {
	for size := len(requests) / 2; size > 0; size /= 2 {
		for i := 1; i+size <= len(requests); {
			rest := append(requests[:i:i], requests[i+size:]...)
			if fails(rest) {
				requests = rest
			} else {
				i += size
			}
		}
	}
	return requests
}

type object = map[string]any

// A generator makes requests, most of which succeed, on a few items with a few attributes.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 0))}
}

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

func (g generator) sequence(n int) []string {
	requests := []string{createThings()}
	for range n {
		requests = append(requests, g.request())
	}
	return requests
}

// createThings begins a sequence.
func createThings() string {
	definition := func(name, kind string) object { return object{"AttributeName": name, "AttributeType": kind} }
	key := func(hash, rng string) []object {
		return []object{{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": rng, "KeyType": "RANGE"}}
	}
	return printRequest("CreateTable", object{
		"TableName": "things", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": []object{definition("h", "S"), definition("r", "N"), definition("g", "S"), definition("t", "S"), definition("u", "N")},
		"KeySchema":            key("h", "r"),
		"GlobalSecondaryIndexes": []object{
			{"IndexName": "all", "KeySchema": key("g", "u"), "Projection": object{"ProjectionType": "ALL"}},
			{"IndexName": "keys", "KeySchema": key("h", "u"), "Projection": object{"ProjectionType": "KEYS_ONLY"}},
		},
		"LocalSecondaryIndexes": []object{
			{"IndexName": "local-all", "KeySchema": key("h", "u"), "Projection": object{"ProjectionType": "ALL"}},
			{"IndexName": "local-keys", "KeySchema": key("h", "t"), "Projection": object{"ProjectionType": "KEYS_ONLY"}},
			{"IndexName": "local-some", "KeySchema": key("h", "u"), "Projection": object{"ProjectionType": "INCLUDE", "NonKeyAttributes": []string{"n", "m"}}},
		},
	})
}

func printRequest(operation string, in object) string {
	b, err := json.Marshal(in)
	if err != nil {
		panic(err)
	}
	return "> " + operation + " " + string(b)
}

func (g generator) request() string {
	switch g.IntN(16) {
	case 0, 1, 2, 3:
		return printRequest("PutItem", g.conditional(object{"TableName": "things", "Item": g.item(), "ReturnValues": pick(g, "NONE", "ALL_OLD")}))
	case 4, 5, 6, 7:
		in := object{"TableName": "things", "Key": g.key(), "ReturnValues": pick(g, "NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")}
		if g.update(in) {
			g.conditional(in)
		} else { // DynamoDB Local makes an item for it
			in["ConditionExpression"] = "attribute_exists(h)"
		}
		return printRequest("UpdateItem", in)
	case 8:
		return printRequest("DeleteItem", g.conditional(object{"TableName": "things", "Key": g.key(), "ReturnValues": "ALL_OLD", "ReturnConsumedCapacity": "TOTAL"}))
	case 9:
		in := object{"TableName": "things", "Key": g.key(), "ConsistentRead": true}
		g.project(in)
		return printRequest("GetItem", in)
	case 10:
		return printRequest("BatchGetItem", object{"RequestItems": object{"things": object{"Keys": g.keys(3)}}})
	case 11:
		var writes []object
		for _, k := range g.keys(3) {
			if g.IntN(2) == 0 {
				writes = append(writes, object{"DeleteRequest": object{"Key": k}})
			} else {
				writes = append(writes, object{"PutRequest": object{"Item": g.fill(k)}})
			}
		}
		return printRequest("BatchWriteItem", object{"RequestItems": object{"things": writes}})
	case 12:
		return printRequest("TransactWriteItems", object{"TransactItems": g.transaction()})
	case 13:
		in := object{"TableName": "things", "ConsistentRead": true}
		if g.IntN(2) == 0 {
			in["IndexName"] = pick(g, "local-all", "local-keys", "local-some")
		}
		g.filter(in)
		return printRequest("Scan", in)
	}
	return g.query()
}

func (g generator) key() object {
	return object{"h": object{"S": pick(g, "a", "b")}, "r": object{"N": pick(g, "0", "1", "-1", "1.5", "-20", "300")}}
}

// keys are different keys.
func (g generator) keys(n int) []object {
	var keys []object
	seen := map[string]bool{}
	for len(keys) < n {
		k := g.key()
		if id := fmt.Sprint(k); !seen[id] {
			seen[id] = true
			keys = append(keys, k)
		}
	}
	return keys
}

var attributes = []string{"n", "m", "l", "s", "ss"}

func (g generator) item() object { return g.fill(g.key()) }

func (g generator) fill(it object) object {
	for _, name := range attributes {
		if g.IntN(2) == 0 {
			it[name] = g.value(name)
		}
	}
	if g.IntN(2) == 0 {
		it["g"] = object{"S": pick(g, "x", "y")}
	}
	if g.IntN(2) == 0 {
		it["u"] = object{"N": g.number()}
	}
	if g.IntN(2) == 0 {
		it["t"] = g.text()
	}
	return it
}

// text is rarely the same twice: in which order DynamoDB Local gives equal keys of an index is its own.
func (g generator) text() object {
	return object{"S": fmt.Sprintf("%s%d", pick(g, "x", "y"), g.IntN(1_000_000))}
}

// number is printed as AWS prints it: DynamoDB Local gives some numbers back as they were sent.
func (g generator) number() string {
	n, _ := scanNumber(fmt.Sprintf("%d%s", g.IntN(2000)-1000, pick(g, "", "", ".5", "e3", "e-3", "e20", ".000000000000000000001")))
	return n.String()
}

// value is one of the type that the attribute's name has most of the time.
func (g generator) value(name string) object {
	if g.IntN(12) == 0 {
		name = pick(g, attributes...)
	}
	switch name {
	case "n":
		return object{"N": g.number()}
	case "m":
		m := object{"n": object{"N": g.number()}}
		if g.IntN(2) == 0 {
			m["m"] = object{"M": object{"l": object{"L": []object{{"N": "1"}, {"N": "2"}}}}}
		}
		if g.IntN(2) == 0 {
			m["ss"] = object{"SS": []string{"a", "b"}}
		}
		return object{"M": m}
	case "l":
		list := []object{}
		for range g.IntN(4) {
			list = append(list, pick(g, object{"N": g.number()}, object{"S": "x"}, object{"M": object{"n": object{"N": "1"}}}))
		}
		return object{"L": list}
	case "ss":
		return object{"SS": pick(g, []string{"a"}, []string{"a", "b"}, []string{"b", "c", "d"})}
	}
	return object{"S": pick(g, "", "a", "ab", "b", "é")}
}

func (g generator) path() string {
	return pick(g, "n", "n", "m", "l", "s", "ss", "m.n", "m.m", "m.m.l[0]", "m.m.l[1]", "m.m.l[7]", "m.ss",
		"l[0]", "l[0]", "l[1]", "l[1]", "l[2].n", "l[2]", "l[5]", "q", "q.z")
}

// define adds a value's placeholder to the request and returns it.
func define(in object, v object) string {
	values, ok := in["ExpressionAttributeValues"].(object)
	if !ok {
		values = object{}
		in["ExpressionAttributeValues"] = values
	}
	name := fmt.Sprintf(":v%d", len(values))
	values[name] = v
	return name
}

func (g generator) operand(in object) string {
	switch g.IntN(4) {
	case 0:
		return "size(" + g.path() + ")"
	case 1:
		return define(in, g.value(pick(g, attributes...)))
	}
	return g.path()
}

func (g generator) condition(in object, depth int) string {
	if depth > 0 && g.IntN(2) == 0 {
		left, right := g.condition(in, depth-1), g.condition(in, depth-1)
		return pick(g, left+" AND "+right, left+" OR "+right, "NOT "+left+" OR "+right, "NOT ("+left+" AND "+right+")")
	}
	v := func() string { return define(in, g.value(pick(g, "n", "s"))) }
	switch g.IntN(8) {
	case 0:
		return "attribute_exists(" + g.path() + ")"
	case 1:
		return "attribute_not_exists(" + g.path() + ")"
	case 2:
		return "begins_with(" + g.path() + ", " + define(in, object{"S": "a"}) + ")"
	case 3:
		return "contains(" + g.path() + ", " + v() + ")"
	case 4:
		return g.path() + " IN (" + v() + ", " + v() + ")"
	case 5:
		return "attribute_type(" + g.path() + ", " + define(in, object{"S": pick(g, "S", "N", "M", "L", "SS")}) + ")"
	}
	return g.path() + " " + pick(g, "=", "<>", "<", "<=", ">", ">=") + " " + g.operand(in)
}

func (g generator) conditional(in object) object {
	if g.IntN(3) == 0 {
		in["ConditionExpression"] = g.condition(in, 2)
		in["ReturnValuesOnConditionCheckFailure"] = pick(g, "NONE", "ALL_OLD")
	}
	return in
}

func (g generator) filter(in object) {
	if g.IntN(2) == 0 {
		in["FilterExpression"] = g.condition(in, 1)
	}
	g.project(in)
}

func (g generator) project(in object) {
	if g.IntN(3) == 0 {
		in["ProjectionExpression"] = pick(g, "n, m.n", "l[1], l[0].n, m.m", "q, ss", "h, r", "m.m.l[0], s")
	}
}

// update gives a request an UpdateExpression, and tells whether that puts something into the item.
func (g generator) update(in object) bool {
	var sets, removes, adds, deletes []string
	for range 1 + g.IntN(3) {
		path := g.path()
		switch g.IntN(9) {
		case 8: // DynamoDB Local lets an update put any type into an index's key
			sets = append(sets, "u = "+define(in, object{"N": g.number()}), "g = "+define(in, object{"S": pick(g, "x", "y")}), "t = "+define(in, g.text()))
		case 0, 1:
			sets = append(sets, path+" = "+define(in, g.value(path)))
		case 2:
			sets = append(sets, path+" = "+pick(g, g.path(), "n")+pick(g, " + ", " - ")+define(in, object{"N": g.number()}))
		case 3:
			sets = append(sets, path+" = if_not_exists("+g.path()+", "+define(in, g.value(path))+")")
		case 4:
			sets = append(sets, pick(g, "l", path)+" = list_append("+pick(g, "l", g.path())+", "+define(in, object{"L": []object{{"N": "7"}}})+")")
		case 5:
			removes = append(removes, path)
		case 6:
			adds = append(adds, pick(g, "n", "ss", path)+" "+define(in, g.value(pick(g, "n", "ss"))))
		case 7:
			deletes = append(deletes, pick(g, "ss", "m.ss", path)+" "+define(in, object{"SS": []string{"a", "c"}}))
		}
	}
	var sections []string
	for _, s := range []struct {
		keyword string
		actions []string
	}{{"SET", sets}, {"REMOVE", removes}, {"ADD", adds}, {"DELETE", deletes}} {
		if s.actions != nil {
			sections = append(sections, s.keyword+" "+strings.Join(s.actions, ", "))
		}
	}
	in["UpdateExpression"] = strings.Join(sections, " ")
	return sets != nil || adds != nil
}

func (g generator) transaction() []object {
	var items []object
	for _, k := range g.keys(3) {
		in := object{"TableName": "things"}
		if g.IntN(16) == 0 {
			k[pick(g, "h", "r")] = object{"B": "AQ=="} // DynamoDB Local refuses a type that no key has
		}
		switch g.IntN(4) {
		case 0:
			in["Item"] = g.fill(k)
			items = append(items, object{"Put": g.conditional(in)})
		case 1:
			in["Key"] = k
			items = append(items, object{"Delete": g.conditional(in)})
		case 2:
			in["Key"], in["UpdateExpression"] = k, "SET n = "+define(in, g.value("n"))
			items = append(items, object{"Update": g.conditional(in)})
		case 3:
			in["Key"], in["ConditionExpression"] = k, g.condition(in, 1)
			items = append(items, object{"ConditionCheck": in})
		}
	}
	return items
}

func (g generator) query() string {
	in := object{"TableName": "things", "ScanIndexForward": g.IntN(2) == 0}
	hash, rng, kind := "h", "r", "N"
	switch g.IntN(6) {
	case 0:
		in["IndexName"], hash, rng = "all", "g", "u"
	case 1:
		in["IndexName"], rng = "keys", "u"
	case 2:
		in["IndexName"], rng, in["ConsistentRead"] = pick(g, "local-all", "local-some"), "u", g.IntN(2) == 0
	case 3:
		in["IndexName"], rng, kind, in["ConsistentRead"] = "local-keys", "t", "S", g.IntN(2) == 0
	}
	in["KeyConditionExpression"] = hash + " = " + define(in, object{"S": pick(g, "a", "b", "x", "y")})
	n := func() string {
		if kind == "S" {
			return define(in, g.text())
		}
		return define(in, object{"N": pick(g, g.number(), "0", "1", "-20")})
	}
	whole := false
	switch g.IntN(4) {
	default:
		whole = true
	case 0:
		in["KeyConditionExpression"] = in["KeyConditionExpression"].(string) + " AND " + rng + " " + pick(g, "<", "<=", ">", ">=") + " " + n()
	case 1:
		in["KeyConditionExpression"] = in["KeyConditionExpression"].(string) + " AND " + rng + " BETWEEN " + n() + " AND " + n()
	}
	if g.IntN(2) == 0 {
		in["Limit"] = 1 + g.IntN(3)
	}
	if whole && (rng == "r" || strings.HasPrefix(fmt.Sprint(in["IndexName"]), "local-")) && g.IntN(2) == 0 {
		start := g.key()
		switch rng {
		case "u":
			start["u"] = object{"N": g.number()}
		case "t":
			start["t"] = g.text()
		}
		in["ExclusiveStartKey"] = start
	}
	g.filter(in)
	if in["ProjectionExpression"] == nil && in["IndexName"] != "keys" && g.IntN(4) == 0 {
		in["Select"] = "ALL_ATTRIBUTES"
	}
	return printRequest("Query", in)
}
