package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/itembytes"
)

// TestReadTexts reads the same items through every kind of client, and wants the same items, usage and spans.
func TestReadTexts(t *testing.T) {
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	type pet struct {
		ID string `dynamo:"id,hash"`
	}
	filled := Open(engine, "")
	pets, toys := filled.AddTable("pets", pet{}, false), filled.AddTable("toys", pet{}, false)
	if _, err := filled.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, table := range []dynamo.Table{pets, toys} {
		if err := table.Put(dynamo.Item{"id": &types.AttributeValueMemberS{Value: "rex"}, "long": &types.AttributeValueMemberS{Value: strings.Repeat("x", 5000)}}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	key := func(table, id string) itembytes.TextKey {
		return itembytes.TextKey{Table: table, Hash: itembytes.TextAttribute{Name: "id", Value: id}}
	}
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	others := struct{ dynamodbiface.DynamoDBAPI }{engine} // which knows nothing of texts
	for name, client := range map[string]dynamodbiface.DynamoDBAPI{
		"the engine":           Observe(engine, provider),
		"the engine, in turns": ObserveEngine(engine, provider, 1),
		"another client":       Observe(others, provider),
		"one observed twice":   Observe(Observe(others, provider), provider),
	} {
		t.Run(name, func(t *testing.T) {
			db := Open(client, "")
			for _, isUsual := range []bool{false, true, true} {
				recorder.Reset()
				ctx := WithRequest(t.Context(), new(Request))
				var found []string
				err := db.ReadTexts(ctx, isUsual, func(table string, item itembytes.Found) error {
					id, _ := item.Attribute("id").(*types.AttributeValueMemberS)
					found = append(found, table+" "+id.Value)
					return nil
				}, key("pets", "rex"), key("toys", "rex"), key("toys", "none"))
				if err != nil {
					t.Fatal(err)
				}
				slices.Sort(found)
				if got := strings.Join(found, ", "); got != "pets rex, toys rex" {
					t.Errorf("found %s", got)
				}
				if got, want := UsageOf(ctx), (Usage{Calls: 1, Items: 3, ReadUnits: 5}); got != want && !strings.Contains(name, "twice") {
					t.Errorf("used %+v, want %+v", got, want)
				}
				span := recorder.Ended()[0]
				told := map[string]bool{}
				for _, attribute := range span.Attributes() {
					if attribute.Key == "aws.dynamodb.consumed_capacity" {
						for _, one := range attribute.Value.AsStringSlice() {
							told[one] = true
						}
					}
				}
				if !told[`{"TableName":"pets","CapacityUnits":2}`] || !told[`{"TableName":"toys","CapacityUnits":3}`] {
					t.Errorf("the span %s tells of %v", span.Name(), told)
				}
			}
		})
	}
}
