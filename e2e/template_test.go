package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	processed := processTemplate(t, parameters)
	for _, resource := range processed["Resources"].(object) {
		// It is newer than goformation: TestTemplateFront looks at it.
		delete(resource.(object)["Properties"].(object), "InvokedViaFunctionUrl")
	}
	text, err := json.Marshal(processed)
	if err != nil {
		t.Fatal(err)
	}
	template, err := goformation.ParseJSONWithOptions(text, &intrinsics.ProcessorOptions{NoProcess: true})
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// functionURL is the address of the template's function.
const functionURL = "https://k3j2h1g0f9e8d7c6b5a4.lambda-url.eu-central-1.on.aws"

// processTemplate returns deploy/template.yaml with its functions carried out, by these parameters
// and the defaults of the others, and without the resources whose condition is not true.
func processTemplate(t *testing.T, parameters map[string]any) object {
	t.Helper()
	parameters = maps.Clone(parameters)
	if parameters == nil {
		parameters = map[string]any{}
	}
	parameters["TablePrefix"] = templatePrefix
	isResource := func(template any, id string) bool {
		return template.(object)["Resources"].(object)[id] != nil
	}
	text, err := os.ReadFile(filepath.Join(projectDir, "deploy/template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text, err = intrinsics.ProcessYAML(text, &intrinsics.ProcessorOptions{
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
				if condition := template.(object)["Conditions"].(object)[branches[0].(string)]; isTrue(condition, template) {
					return branches[1]
				}
				return branches[2]
			},
			"Fn::GetAtt": func(_ string, input, template any) any {
				if id, _, _ := strings.Cut(input.(string), "."); !isResource(template, id) {
					t.Errorf("there is no resource %s", id)
				}
				if input == "FunctionUrl.FunctionUrl" {
					return functionURL + "/"
				}
				return input
			},
			"Fn::Sub": func(_ string, input, template any) any {
				return regexp.MustCompile(`\$\{[^}]+\}`).ReplaceAllStringFunc(input.(string), func(reference string) string {
					name := reference[2 : len(reference)-1]
					switch id, _, _ := strings.Cut(name, "."); {
					case isResource(template, id):
						return name
					case name == "AWS::Partition":
						return "aws"
					case name == "AWS::URLSuffix":
						return "amazonaws.com"
					}
					return fmt.Sprint(intrinsics.Ref("Ref", name, template))
				})
			},
			"Fn::Split": func(_ string, input, _ any) any { // goformation's own is of no use to its Fn::Select
				var parts []any
				for part := range strings.SplitSeq(input.([]any)[1].(string), input.([]any)[0].(string)) {
					parts = append(parts, part)
				}
				return parts
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var processed object
	if err := json.Unmarshal(text, &processed); err != nil {
		t.Fatal(err)
	}
	conditions := processed["Conditions"].(object)
	maps.DeleteFunc(processed["Resources"].(object), func(_ string, resource any) bool {
		condition, isConditional := resource.(object)["Condition"].(string)
		return isConditional && conditions[condition] != true
	})
	return processed
}

// isTrue evaluates a condition: goformation's own way to do so takes a resource's Condition for
// one, too.
func isTrue(condition, template any) bool {
	for function, input := range condition.(object) {
		arguments := input.([]any)
		switch function {
		case "Fn::Not":
			return !isTrue(arguments[0], template)
		case "Fn::Equals":
			parameter := arguments[0].(object)["Ref"].(string)
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
	if every := function.Events["Outbox"]; every.Type != "Schedule" || every.Properties.ScheduleEvent == nil || every.Properties.ScheduleEvent.Schedule != "rate(1 minute)" {
		t.Errorf("what outlasts its request waits for %+v", every)
	}
	if function.ReservedConcurrentExecutions != nil {
		t.Errorf("it reserves %d of the account's concurrency, which may have 10", *function.ReservedConcurrentExecutions)
	}
	function, err = openTemplateWith(t, map[string]any{"ReservedConcurrency": 50}).GetServerlessFunctionWithName("Function")
	if err != nil || aws.ToInt(function.ReservedConcurrentExecutions) != 50 {
		t.Errorf("ReservedConcurrency decides nothing: %v", err)
	}
}

// TestTemplateFront holds what is before the function to Front: with its address, the permissions to
// invoke it, what tells of requests that failed, and nothing of the other.
func TestTemplateFront(t *testing.T) {
	type front struct {
		Endpoint    string
		Permissions map[string]object
		Alarms      []string // namespace, metric and dimensions
		Logs        []string
		URL, API    any // their properties; nil: there is none
	}
	ofFunction := []string{
		"AWS/Lambda Duration [map[Name:FunctionName Value:Function]]",
		"AWS/Lambda Errors [map[Name:FunctionName Value:Function]]",
		"AWS/Lambda Throttles [map[Name:FunctionName Value:Function]]",
	}
	ofAPI := front{
		Endpoint: "https://Api.execute-api.us-east-1.amazonaws.com",
		Permissions: map[string]object{"ApiPermission": {
			"FunctionName": "Function.Arn", "Principal": "apigateway.amazonaws.com", "Action": "lambda:InvokeFunction",
			"SourceArn": "arn:aws:execute-api:us-east-1:123456789012:Api/*",
		}},
		Alarms: append([]string{"AWS/ApiGateway 5xx [map[Name:ApiId Value:Api]]"}, ofFunction...),
		Logs:   []string{"ApiLogs", "FunctionLogs"},
		API: object{
			"DefinitionBody": object{
				"openapi": "3.0.1", "info": object{"title": "goformation-stack", "version": "1.0"},
				"paths": object{"/$default": object{"x-amazon-apigateway-any-method": object{
					"isDefaultRoute": true, "responses": object{}, "x-amazon-apigateway-integration": object{
						"type": "aws_proxy", "httpMethod": "POST", "payloadFormatVersion": "2.0", "timeoutInMillis": 20000.0,
						"uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/Function.Arn/invocations",
					},
				}}},
			},
			"DefaultRouteSettings": object{"ThrottlingRateLimit": 500.0, "ThrottlingBurstLimit": 500.0},
		},
	}
	ofURL := front{
		Endpoint: functionURL,
		Permissions: map[string]object{
			"FunctionUrlPermission":       {"FunctionName": "Function.Arn", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
			"FunctionUrlInvokePermission": {"FunctionName": "Function.Arn", "Principal": "*", "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": true},
		},
		Alarms: append(ofFunction[:3:3], "AWS/Lambda Url5xxCount [map[Name:FunctionName Value:Function]]"),
		Logs:   []string{"FunctionLogs"},
		URL:    object{"TargetFunctionArn": "Function.Arn", "AuthType": "NONE", "InvokeMode": "BUFFERED"},
	}
	for _, test := range []struct {
		name       string
		parameters map[string]any
		want       front
		absent     string // what no resource may refer to
	}{
		{"by default", nil, ofURL, `\b(Api|ApiLogs)\b`},
		{"an HTTP API", map[string]any{"Front": "http-api"}, ofAPI, `\bFunctionUrl\b`},
	} {
		var (
			template = processTemplate(t, test.parameters)
			outputs  = template["Outputs"].(object)
			got      = front{Endpoint: outputs["Endpoint"].(object)["Value"].(string), Permissions: map[string]object{}}
		)
		for id, resource := range template["Resources"].(object) {
			properties := resource.(object)["Properties"].(object)
			switch resource.(object)["Type"] {
			case "AWS::Lambda::Permission":
				got.Permissions[id] = properties
			case "AWS::Lambda::Url":
				got.URL = properties
			case "AWS::Serverless::HttpApi":
				got.API = properties
			case "AWS::Logs::LogGroup":
				got.Logs = append(got.Logs, id)
			case "AWS::CloudWatch::Alarm":
				got.Alarms = append(got.Alarms, fmt.Sprint(properties["Namespace"], " ", properties["MetricName"], " ", properties["Dimensions"]))
			}
		}
		slices.Sort(got.Alarms)
		slices.Sort(got.Logs)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		text, err := json.Marshal([]any{template["Resources"], outputs})
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(test.absent).Find(text); found != nil {
			t.Errorf("%s: something refers to %s, which is not there", test.name, found)
		}
	}
}

// TestTemplateLogs holds that Lambda writes no lines of its own about requests that succeed, unless
// it is to.
func TestTemplateLogs(t *testing.T) {
	for platformLogs, level := range map[string]string{"off": "WARN", "on": "INFO"} {
		globals := processTemplate(t, map[string]any{"PlatformLogs": platformLogs})["Globals"].(object)
		want := object{"LogFormat": "JSON", "LogGroup": "FunctionLogs", "SystemLogLevel": level} // text has no levels
		if diff := cmp.Diff(any(want), globals["Function"].(object)["LoggingConfig"]); diff != "" {
			t.Errorf("PlatformLogs=%s: %s", platformLogs, diff)
		}
	}
}

// TestTemplateCopies holds that the projects of this repository are deployed alike, but for their tables.
func TestTemplateCopies(t *testing.T) {
	tables := regexp.MustCompile(`(?s)  # Code generated by samgen.*  # End of the generated code\.\n`)
	read := func(project string) string {
		text, err := os.ReadFile(filepath.Join(repositoryDir, project, "deploy/template.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if !tables.Match(text) {
			t.Fatalf("%s has no tables", project)
		}
		return tables.ReplaceAllString(string(text), "")
	}
	want := read(".")
	for _, project := range []string{"examples/tracker", "internal/notes"} {
		if diff := cmp.Diff(want, read(project)); diff != "" {
			t.Errorf("%s: %s", project, diff)
		}
	}
}
