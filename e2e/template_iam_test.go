package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/rogpeppe/go-internal/testscript"
)

// A permission is an action on a resource, as IAM has them:
// `dynamodb:Query` on `UsersTable.Arn` or `NotesTable.Arn/index/*`.
type permission struct{ action, resource string }

// onItems are the actions on items that there are. Those on tables have no place in the
// function's role. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
var onItems = []string{
	"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem",
	"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem",
}

// unseen are the permissions that no story needs, but other schemas, or commands that are
// run by the same role, do.
var unseen = map[permission]string{
	{"dynamodb:ConditionCheckItem", "a table"}: "a type with @belongsTo checks that its parent is there",
	{"dynamodb:Query", "a table"}:              "deleting an account deletes its sessions",
}

// templatePermissions returns what the template's policies permit the function's role to do
// with tables.
func templatePermissions(t *testing.T) map[permission]bool {
	t.Helper()
	permitted := map[permission]bool{}
	for id, policy := range openTemplate(t).GetAllIAMManagedPolicyResources() {
		if !slices.Equal(policy.Roles, []string{"FunctionRole"}) {
			t.Errorf("%s is of the roles %s", id, policy.Roles)
		}
		var document struct {
			Statement []struct {
				Effect           string
				Action, Resource any // one, or a list
			}
		}
		copyFields(t, policy.PolicyDocument, &document)
		for _, statement := range document.Statement {
			if statement.Effect != "Allow" {
				t.Errorf("%s: effect %s", id, statement.Effect)
			}
			for _, action := range list(statement.Action) {
				for _, resource := range list(statement.Resource) {
					permitted[permission{action, resource}] = true
				}
			}
		}
	}
	return permitted
}

// list returns what is one text, or a list of texts, as a list.
func list(value any) (texts []string) {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		for _, one := range value {
			texts = append(texts, one.(string))
		}
	}
	return texts
}

// TestTemplatePolicy holds the function's role to actions on items, of the template's tables
// and the indexes that they have.
func TestTemplatePolicy(t *testing.T) {
	resources := map[string]bool{}
	for id, table := range openTemplate(t).GetAllDynamoDBTableResources() {
		resources[id+".Arn"] = false
		if len(table.GlobalSecondaryIndexes) > 0 {
			resources[id+".Arn/index/*"] = false
		}
	}
	for permission := range templatePermissions(t) {
		if _, ok := resources[permission.resource]; !ok {
			t.Errorf("%s is permitted on %s, which is no table of the template", permission.action, permission.resource)
		}
		resources[permission.resource] = true
		if !slices.Contains(onItems, permission.action) {
			t.Errorf("%s is no action on items", permission.action)
		}
		if permission.action == "dynamodb:Scan" && permission.resource != "OutboxTable.Arn" {
			t.Errorf("%s may be read whole", permission.resource)
		}
		if strings.HasSuffix(permission.resource, "/index/*") && permission.action != "dynamodb:Query" {
			t.Errorf("%s is permitted on an index", permission.action)
		}
	}
	for resource, isPermitted := range resources {
		if !isPermitted {
			t.Errorf("nothing is permitted on %s", resource)
		}
	}
}

// TestTemplatePolicyByStories runs the stories of a server alone, on an engine that permits
// it what the template permits the function, and refuses the rest as DynamoDB does. What the
// template permits and nothing needs is too much.
func TestTemplatePolicyByStories(t *testing.T) {
	var (
		permitted = templatePermissions(t)
		tableIDs  = map[string]string{} // names in DynamoDB to logical ids
		needed    sync.Map              // of permission, to true
	)
	for id, table := range openTemplate(t).GetAllDynamoDBTableResources() {
		tableIDs[aws.ToString(table.TableName)] = id
	}
	runSomeStories(t, storiesOfServers(t), func(env *testscript.Env) error {
		engine := newEngine(t)
		if _, err := tablesOf(engine, templatePrefix).CreateTables(t.Context()); err != nil {
			return err
		}
		handler := engine.Handler()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return // a story has stopped its server, and nothing is asked
			}
			for _, want := range permissionsFor(t, r.Header.Get("X-Amz-Target"), body, tableIDs) {
				needed.Store(want, true)
				if !permitted[want] {
					t.Errorf("the template does not permit %s on %s", want.action, want.resource)
					w.Header().Set("Content-Type", "application/x-amz-json-1.0")
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprintf(w, `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not authorized to perform: %s"}`, want.action)
					return
				}
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			handler.ServeHTTP(w, r)
		}))
		env.Defer(server.Close)
		for name, value := range map[string]string{
			"AWS_ENDPOINT_URL_DYNAMODB": server.URL,
			"AWS_REGION":                "us-east-1",
			"AWS_ACCESS_KEY_ID":         "test",
			"AWS_SECRET_ACCESS_KEY":     "test",
			"OWNQL_STORE":               "dynamodb",
			"OWNQL_TABLE_PREFIX":        templatePrefix,
			"OWNQL_DEV":                 "on",
			"OWNQL_SECRET":              "Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s",
		} {
			env.Setenv(name, value)
		}
		return nil
	})
	t.Cleanup(func() { // the stories run in parallel, and end after this function
		unneeded := map[permission]bool{}
		for permission := range permitted {
			unneeded[permission.kind()] = true
		}
		needed.Range(func(key, _ any) bool {
			delete(unneeded, key.(permission).kind())
			return true
		})
		for kind := range unseen {
			delete(unneeded, kind)
		}
		for kind := range unneeded {
			t.Errorf("no story needs %s on %s", kind.action, kind.resource)
		}
	})
}

// kind returns the permission with the resource's kind in its place.
func (p permission) kind() permission {
	if strings.Contains(p.resource, "/index/") {
		return permission{p.action, "an index"}
	}
	return permission{p.action, "a table"}
}

// permissionsFor returns what DynamoDB wants of whoever sends the request. Those that want
// more than one are TransactWriteItems, as its writes do alone, and the batches, a table each.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
func permissionsFor(t *testing.T, target string, body []byte, tableIDs map[string]string) []permission {
	var (
		input struct {
			TableName, IndexName string
			RequestItems         map[string]any
			TransactItems        []map[string]struct{ TableName string }
		}
		_, operation, _ = strings.Cut(target, ".")
		action          = "dynamodb:" + operation
	)
	if err := json.Unmarshal(body, &input); err != nil {
		t.Errorf("%s: %v", target, err)
	}
	arn := func(table string) string {
		if tableIDs[table] == "" {
			t.Errorf("%s of table %q, which the template does not have", operation, table)
		}
		return tableIDs[table] + ".Arn"
	}
	var wanted []permission
	switch {
	case input.RequestItems != nil:
		for table := range maps.Keys(input.RequestItems) {
			wanted = append(wanted, permission{action, arn(table)})
		}
	case input.TransactItems != nil:
		single := map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}
		for _, item := range input.TransactItems {
			for kind, write := range item {
				wanted = append(wanted, permission{"dynamodb:" + single[kind], arn(write.TableName)})
			}
		}
	case input.IndexName != "":
		wanted = append(wanted, permission{action, arn(input.TableName) + "/index/*"})
	default:
		wanted = append(wanted, permission{action, arn(input.TableName)})
	}
	return wanted
}

// storiesOfServers returns the stories in which no other command does its work.
func storiesOfServers(t *testing.T) (files []string) {
	t.Helper()
	all, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		story, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(story, []byte("\nexec ownql ")) {
			files = append(files, file)
		}
	}
	if len(files) < 10 {
		t.Fatalf("there are %d", len(files))
	}
	return files
}
