//go:build dynamodbclients

package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestREADMEWithAWSCLI runs the README's commands for the AWS CLI, as written, on a data
// directory with an account.
func TestREADMEWithAWSCLI(t *testing.T) {
	blocks := readmeBlocks(t, "sh awscli")
	if len(blocks) != 2 {
		t.Fatalf("%d blocks for the AWS CLI in the README, want 2", len(blocks))
	}
	addr := serveDynamoDB(t, blocks[0])
	// The README's port may be taken on this machine, and its table is of the starter's type.
	script := strings.NewReplacer("localhost:8000", addr, "table-name todos", "table-name notes").Replace(blocks[1])
	out := runShell(t, ".", os.Environ(), script)
	for _, want := range []string{
		`"logins",`,                     // list-tables
		`"S": "Ada"`,                    // scan
		`"passwordHash"`,                // query
		`"S": "written by the AWS CLI"`, // put-item, get-item
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the AWS CLI does not print %s in\n%s", want, out)
		}
	}
}

// TestTableSettingsWithAWSCLI makes a table with the AWS CLI, by its name and its ARN, and changes what
// the CLI has commands for beside its keys.
func TestTableSettingsWithAWSCLI(t *testing.T) {
	addr := serveDynamoDB(t, "./ownql dynamodb")
	out := runShell(t, ".", os.Environ(), `
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=local
ddb() { aws dynamodb --endpoint-url http://`+addr+` --output text "$@"; }
policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"*"}]}'
ddb create-table --table-name orders --billing-mode PAY_PER_REQUEST --tags Key=stage,Value=dev --table-class STANDARD_INFREQUENT_ACCESS \
  --stream-specification StreamEnabled=true,StreamViewType=NEW_IMAGE --sse-specification Enabled=true --deletion-protection-enabled \
  --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH --resource-policy "$policy" >/dev/null
ddb wait table-exists --table-name orders
arn=$(ddb describe-table --table-name orders --query Table.TableArn)
ddb describe-table --table-name "$arn" --query 'Table.[TableName,TableClassSummary.TableClass,StreamSpecification.StreamViewType,SSEDescription.Status,DeletionProtectionEnabled]'
ddb put-item --table-name "$arn" --item '{"id":{"S":"1"}}'
ddb get-item --table-name orders --key '{"id":{"S":"1"}}' --query Item.id.S
ddb tag-resource --resource-arn "$arn" --tags Key=team,Value=shop
ddb untag-resource --resource-arn "$arn" --tag-keys stage
ddb list-tags-of-resource --resource-arn "$arn"
ddb update-continuous-backups --table-name orders --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true >/dev/null
ddb describe-continuous-backups --table-name orders --query ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus
ddb get-resource-policy --resource-arn "$arn" --query Policy
ddb delete-resource-policy --resource-arn "$arn" >/dev/null
ddb get-resource-policy --resource-arn "$arn" 2>&1 || true
ddb describe-contributor-insights --table-name orders --query ContributorInsightsStatus
ddb describe-kinesis-streaming-destination --table-name orders --query 'length(KinesisDataStreamDestinations)'
ddb describe-limits --query TableMaxReadCapacityUnits
ddb describe-endpoints --query 'Endpoints[0].Address'
ddb delete-table --table-name orders 2>&1 || true
ddb update-table --table-name orders --no-deletion-protection-enabled >/dev/null
ddb delete-table --table-name "$arn" --query TableDescription.TableStatus
ddb wait table-not-exists --table-name orders
`)
	for _, want := range []string{
		"orders\tSTANDARD_INFREQUENT_ACCESS\tNEW_IMAGE\tENABLED\tTrue\n1\nTAGS\tteam\tshop\nENABLED\n" +
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"*"}]}` + "\n",
		"(PolicyNotFoundException)",
		"DISABLED\n0\n40000\n" + addr + "\n",
		"protection first.\nDELETING",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the AWS CLI does not print %q in\n%s", want, out)
		}
	}
}

// TestStreamsWithAWSCLI reads a table's stream with the AWS CLI, also once the table is deleted.
func TestStreamsWithAWSCLI(t *testing.T) {
	addr := serveDynamoDB(t, "./ownql dynamodb")
	out := runShell(t, ".", os.Environ(), `
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=local
ddb() { aws dynamodb --endpoint-url http://`+addr+` --output text "$@"; }
streams() { aws dynamodbstreams --endpoint-url http://`+addr+` --output text "$@"; }
ddb create-table --table-name orders --billing-mode PAY_PER_REQUEST --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES \
  --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH >/dev/null
arn=$(streams list-streams --table-name orders --query 'Streams[0].StreamArn')
shard=$(streams describe-stream --stream-arn "$arn" --query 'StreamDescription.Shards[0].ShardId')
iterator=$(streams get-shard-iterator --stream-arn "$arn" --shard-id "$shard" --shard-iterator-type TRIM_HORIZON)
ddb put-item --table-name orders --item '{"id":{"S":"1"},"state":{"S":"open"}}'
ddb put-item --table-name orders --item '{"id":{"S":"1"},"state":{"S":"open"}}'
ddb update-item --table-name orders --key '{"id":{"S":"1"}}' --update-expression 'SET #s = :s' --expression-attribute-names '{"#s":"state"}' --expression-attribute-values '{":s":{"S":"sent"}}'
ddb delete-item --table-name orders --key '{"id":{"S":"1"}}'
ddb delete-table --table-name orders >/dev/null
streams describe-stream --stream-arn "$arn" --query 'StreamDescription.StreamStatus'
streams get-records --shard-iterator "$iterator" --query 'Records[].[eventName,dynamodb.Keys.id.S,dynamodb.OldImage.state.S,dynamodb.NewImage.state.S]'
streams get-records --shard-iterator "$iterator" --query NextShardIterator
streams get-records --shard-iterator "$arn|1|nonsense" 2>&1 || true
`)
	for _, want := range []string{
		"DISABLED\nINSERT\t1\tNone\topen\nMODIFY\t1\topen\tsent\nREMOVE\t1\tsent\tNone\nNone\n",
		"(ValidationException) when calling the GetRecords operation: Invalid ShardIterator",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the AWS CLI does not print %q in\n%s", want, out)
		}
	}
}

// TestDynamoDBAdmin has dynamodb-admin, at the version of testdata/dynamodb-admin, show the
// tables and an item.
func TestDynamoDBAdmin(t *testing.T) {
	addr := serveDynamoDB(t, "./ownql dynamodb")
	_, port, err := net.SplitHostPort(freeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	admin := exec.Command("testdata/dynamodb-admin/node_modules/.bin/dynamodb-admin",
		"--host", "127.0.0.1", "--port", port, "--dynamo-endpoint", "http://"+addr)
	var log strings.Builder
	admin.Stdout, admin.Stderr = &log, &log
	if err := admin.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		admin.Process.Kill()
		admin.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	}()
	origin := "http://127.0.0.1:" + port
	for path, want := range map[string][]string{
		"/":                    {"users", "logins", "sessions", "notes"},
		"/tables/users/items":  {"ada@example.com", "Lovelace"},
		"/tables/notes/meta":   {"PAY_PER_REQUEST", "ownerId"},
		"/tables/sessions/ttl": {"ENABLED"},
	} {
		page := getPage(t, origin+path)
		for _, want := range want {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not show %s:\n%s", path, want, page)
			}
		}
	}
}

// serveDynamoDB makes an account in a data directory, runs a command that serves it, and
// returns the address.
func serveDynamoDB(t *testing.T, command string) (addr string) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir, addr := t.TempDir(), freeAddr(t)
	env := append(os.Environ(), "OWNQL_DYNAMODB_ADDR="+addr)
	runShell(t, dir, env, "ln -s "+binary+"/ownql ownql && echo 'correct horse' | ./ownql user add ada@example.com --first-name Ada --last-name Lovelace")
	startServer(t, dir, env, command)
	return addr
}

// getPage waits until the server is there, for half a minute.
func getPage(t *testing.T, url string) string {
	t.Helper()
	var err error
	for range 150 {
		var page string
		if page, err = get(url); err == nil {
			return page
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal(err)
	return ""
}

func get(url string) (string, error) {
	response, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s: %s", url, response.Status, page)
	}
	return string(page), err
}
