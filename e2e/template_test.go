package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/awslabs/goformation/v7"
	"github.com/awslabs/goformation/v7/cloudformation"
	"github.com/awslabs/goformation/v7/cloudformation/policies"
	"github.com/awslabs/goformation/v7/intrinsics"
	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
)

// templatePrefix begins the tables' names in these tests.
const templatePrefix = "of-the-template-"

// openTemplate parses deploy/template.yaml, which fails on a property that a resource does not
// have. A reference to a resource is its logical id, and one to an attribute that and the
// attribute: `UsersTable.Arn`.
func openTemplate(t *testing.T) *cloudformation.Template {
	t.Helper()
	return openTemplateWith(t, nil)
}

// openTemplateWith is openTemplate with parameters other than their defaults.
func openTemplateWith(t *testing.T, parameters map[string]any) *cloudformation.Template {
	t.Helper()
	parameters = maps.Clone(parameters)
	if parameters == nil {
		parameters = map[string]any{}
	}
	parameters["TablePrefix"] = templatePrefix
	isResource := func(template any, id string) bool {
		resources := template.(map[string]any)["Resources"].(map[string]any)
		return resources[id] != nil
	}
	template, err := goformation.OpenWithOptions(filepath.Join(projectDir, "deploy/template.yaml"), &intrinsics.ProcessorOptions{
		ParameterOverrides: parameters,
		IntrinsicHandlerOverrides: map[string]intrinsics.IntrinsicHandler{
			"Ref": func(name string, input, template any) any {
				if id := input.(string); isResource(template, id) {
					return id
				}
				return intrinsics.Ref(name, input, template)
			},
			"Fn::If": func(_ string, input, template any) any {
				branches := input.([]any)
				if condition := template.(map[string]any)["Conditions"].(map[string]any)[branches[0].(string)]; isTrue(condition, template) {
					return branches[1]
				}
				return branches[2]
			},
			"Fn::GetAtt": func(_ string, input, template any) any {
				if id, _, _ := strings.Cut(input.(string), "."); !isResource(template, id) {
					t.Errorf("there is no resource %s", id)
				}
				return input
			},
			"Fn::Sub": func(name string, input, template any) any {
				if id, rest, ok := strings.Cut(strings.TrimPrefix(input.(string), "${"), "}/index/"); ok {
					return id + "/index/" + rest
				}
				return intrinsics.FnSub(name, input, template)
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// isTrue evaluates a condition: goformation's own way to do so takes a resource's Condition for
// one, too.
func isTrue(condition, template any) bool {
	for function, input := range condition.(map[string]any) {
		arguments := input.([]any)
		switch function {
		case "Fn::Not":
			return !isTrue(arguments[0], template)
		case "Fn::Equals":
			parameter := arguments[0].(map[string]any)["Ref"].(string)
			return intrinsics.Ref("Ref", parameter, template) == arguments[1]
		}
	}
	panic(fmt.Sprintf("a condition that is none: %v", condition))
}

// tablesOf returns the tables that the project wants.
func tablesOf(client dynamodbiface.DynamoDBAPI, prefix string) *model.DB {
	accounts := account.New(model.Open(client, prefix))
	audit.NewTable(accounts.DB())
	store.New(accounts)
	return accounts.DB()
}

// TestTemplateTables makes the template's tables on the engine: the store finds them to be its
// own, and no other.
func TestTemplateTables(t *testing.T) {
	var (
		ctx       = t.Context()
		template  = openTemplate(t)
		protected = openTemplateWith(t, map[string]any{"DeletionProtection": "on"}).GetAllDynamoDBTableResources()
		engine    = newEngine(t)
		s         = tablesOf(engine, templatePrefix)
		made      []string
	)
	lasting, expiring := s.TableNames()
	for id, table := range template.GetAllDynamoDBTableResources() {
		var (
			input dynamodb.CreateTableInput
			name  = strings.TrimPrefix(aws.ToString(table.TableName), templatePrefix)
		)
		made = append(made, name)
		// The names are the same in both, CloudFormation's own but for what is told apart below.
		input.TableName, input.BillingMode = table.TableName, types.BillingMode(aws.ToString(table.BillingMode))
		copyFields(t, table.AttributeDefinitions, &input.AttributeDefinitions)
		copyFields(t, table.KeySchema, &input.KeySchema)
		copyFields(t, table.GlobalSecondaryIndexes, &input.GlobalSecondaryIndexes)
		if _, err := engine.CreateTable(ctx, &input); err != nil {
			t.Fatalf("%s: %v", id, err)
		}

		if input.BillingMode != types.BillingModePayPerRequest {
			t.Errorf("%s: billing is %s", id, input.BillingMode)
		}
		if pitr := table.PointInTimeRecoverySpecification; pitr == nil || !aws.ToBool(pitr.PointInTimeRecoveryEnabled) {
			t.Errorf("%s has no point-in-time recovery", id)
		}
		if sse := table.SSESpecification; sse == nil || !sse.SSEEnabled {
			t.Errorf("%s is not encrypted by a key of the account", id)
		}
		if table.AWSCloudFormationDeletionPolicy != policies.DeletionPolicy("RetainExceptOnCreate") ||
			table.AWSCloudFormationUpdateReplacePolicy != policies.UpdateReplacePolicy("Retain") {
			t.Errorf("%s goes with the stack", id)
		}
		if aws.ToBool(table.DeletionProtectionEnabled) || !aws.ToBool(protected[id].DeletionProtectionEnabled) {
			t.Errorf("%s: DeletionProtection decides nothing", id)
		}
		ttl := table.TimeToLiveSpecification
		if expires := ttl != nil && ttl.Enabled && aws.ToString(ttl.AttributeName) == "ttl"; expires != slices.Contains(expiring, name) {
			t.Errorf("%s: time to live is %t", id, expires)
		}
	}
	slices.Sort(made)
	if diff := cmp.Diff(slices.Sorted(slices.Values(append(lasting, expiring...))), made); diff != "" {
		t.Errorf("the store's tables, and the template's:\n%s", diff)
	}
	steps, err := s.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		t.Errorf("the template's tables need: %s", step)
	}
}

// newEngine returns an engine on a directory of its own.
func newEngine(t *testing.T) *dynamolocal.DB {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

// copyFields copies by the fields' names.
func copyFields(t *testing.T, from, to any) {
	t.Helper()
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestTemplateFunction holds the function to what `go build` makes and ownql reads.
func TestTemplateFunction(t *testing.T) {
	template := openTemplateWith(t, map[string]any{
		"SmtpUrlSecretArn": secretsARN + "smtp", "MailFrom": "no-reply@example.com", "Url": "https://api.example.com", "RequireVerifiedEmail": "on",
	})
	function, err := template.GetServerlessFunctionWithName("Function")
	if err != nil {
		t.Fatal(err)
	}
	if got := function.Architectures; !slices.Equal(got, []string{"arm64"}) || aws.ToString(function.Runtime) != "provided.al2023" || aws.ToString(function.Handler) != "bootstrap" {
		t.Errorf("it is a %s on %s, started as %s", got, aws.ToString(function.Runtime), aws.ToString(function.Handler))
	}
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	help, err := exec.Command(filepath.Join(binary, "ownql"), "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range function.Environment.Variables {
		switch {
		case name == "OWNQL_SECRET_ARN":
			if value != "Secret" {
				t.Errorf("%s is %s", name, value)
			}
		case name == "OWNQL_SMTP_URL_ARN":
			if value != secretsARN+"smtp" {
				t.Errorf("%s is %s", name, value)
			}
		case name == "OWNQL_SECRET" || name == "OWNQL_JWKS" || !strings.Contains(string(help), name):
			t.Errorf("%s is no variable for here", name)
		}
	}
	for _, name := range []string{"OWNQL_SMTP_URL_ARN", "OWNQL_MAIL_FROM", "OWNQL_REQUIRE_VERIFIED_EMAIL", "OWNQL_URL"} {
		if function.Environment.Variables[name] == "" {
			t.Errorf("%s is not set", name)
		}
	}
	secret, err := template.GetSecretsManagerSecretWithName("Secret")
	if err != nil {
		t.Fatal(err)
	}
	if made := secret.GenerateSecretString; made == nil || aws.ToInt(made.PasswordLength) < 32 || secret.SecretString != nil {
		t.Error("the secret is not made of random")
	}
	for id, group := range template.GetAllLogsLogGroupResources() {
		if group.RetentionInDays == nil {
			t.Errorf("%s keeps its logs for ever", id)
		}
	}
	metrics := map[string]bool{}
	for _, alarm := range template.GetAllCloudWatchAlarmResources() {
		metrics[aws.ToString(alarm.Namespace)+" "+aws.ToString(alarm.MetricName)] = true
	}
	for _, metric := range []string{"AWS/ApiGateway 5xx", "AWS/Lambda Errors", "AWS/Lambda Throttles", "AWS/Lambda Duration"} {
		if !metrics[metric] {
			t.Errorf("there is no alarm of %s", metric)
		}
	}
}
