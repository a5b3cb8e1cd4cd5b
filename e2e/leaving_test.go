package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/model"
)

// leaver is a store of its own, with a user who owns a lot.
type leaver struct {
	variables []string // of the store
	data      *dynamodb.Client
	table     string // of what the user owns
	token     string
}

const leaversPassword = "correct horse battery"

// deleteTheLeaver is the mutation that ends the account.
const deleteTheLeaver = `{"query":"mutation { deleteViewer(input: {password: \"` + leaversPassword + `\"}) { isComplete } }"}`

// newLeaver signs a user up by send, which returns the answer's body, and gives them n objects.
func newLeaver(t *testing.T, variables []string, n int, send func(path, body string, header http.Header) string) *leaver {
	t.Helper()
	ctx := t.Context()
	endpoint := strings.TrimPrefix(variables[0], "AWS_ENDPOINT_URL_DYNAMODB=")
	l := &leaver{variables: variables, data: dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})}
	var session struct {
		Token string `json:"access_token"`
	}
	answer := send("/signup", `{"email":"leaver@example.com","password":"`+leaversPassword+`","firstName":"Lea"}`, asJSON())
	if err := json.Unmarshal([]byte(answer), &session); err != nil || session.Token == "" {
		t.Fatalf("sign-up: %s, %v", answer, err)
	}
	l.token = session.Token
	var viewer struct {
		Data struct{ Viewer struct{ ID string } }
	}
	answer = send("/graphql", `{"query":"{ viewer { id } }"}`, asJSON("Authorization", "Bearer "+l.token))
	if err := json.Unmarshal([]byte(answer), &viewer); err != nil {
		t.Fatalf("viewer: %s, %v", answer, err)
	}
	owner := model.LocalID("User", viewer.Data.Viewer.ID)
	l.table = l.ownedTable(t)
	for begin := 0; begin < n; begin += 25 {
		var writes []types.WriteRequest
		for range min(25, n-begin) {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"id": &types.AttributeValueMemberS{Value: model.NewID()}, "ownerId": &types.AttributeValueMemberS{Value: owner},
				"version": &types.AttributeValueMemberN{Value: "1"},
			}}})
		}
		if _, err := l.data.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{l.table: writes}}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// ownedTable returns the table of the project's first type.
func (l *leaver) ownedTable(t *testing.T) string {
	t.Helper()
	tables, err := l.data.ListTables(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables.TableNames {
		described, err := l.data.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range described.Table.GlobalSecondaryIndexes {
			if aws.ToString(index.IndexName) == "ownerId-id" {
				return table
			}
		}
	}
	t.Fatalf("none of the tables %s has owners", tables.TableNames)
	return ""
}

// count returns how many items a table has.
func (l *leaver) count(t *testing.T, table string) (count int) {
	t.Helper()
	pages := dynamodb.NewScanPaginator(l.data, &dynamodb.ScanInput{TableName: &table, Select: types.SelectCount, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count += int(page.Count)
	}
	return count
}

// serveOn starts a server on a store, and returns where it serves.
func serveOn(t *testing.T, variables []string) (server *exec.Cmd, address string) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	server = exec.Command(filepath.Join(binary, "ownql"), "--addr", "127.0.0.1:0", "--store", "dynamodb")
	server.Env = append([]string{"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s"}, variables...)
	server.Stderr = os.Stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	first, err := bufio.NewReader(stdout).ReadString('\n')
	at := servesAt.FindStringSubmatch(strings.TrimSpace(first))
	if at == nil {
		t.Fatalf("it printed %q, %v", first, err)
	}
	return server, "http://" + at[1]
}

// postTo posts JSON, and returns the answer.
func postTo(address, body string, header http.Header) (status int, answer string, err error) {
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// TestLeavingOutlivesTheServer kills the server while it deletes what a user owned who has left: the
// next one goes on with it, without anybody's doing.
func TestLeavingOutlivesTheServer(t *testing.T) {
	t.Parallel()
	const owned = 15000
	variables := lambdaStore(t)
	server, address := serveOn(t, variables)
	l := newLeaver(t, variables, owned, func(path, body string, header http.Header) string {
		_, answer, err := postTo(address+path, body, header)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	})
	go postTo(address+"/graphql", deleteTheLeaver, asJSON("Authorization", "Bearer "+l.token)) // of which the client hears nothing
	left := owned
	for left == owned || l.count(t, "users") > 0 {
		left = l.count(t, l.table)
		time.Sleep(10 * time.Millisecond)
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if left = l.count(t, l.table); left == 0 {
		t.Fatal("all was gone before the server was killed")
	}
	begin := time.Now()
	_, address = serveOn(t, variables)
	status, _, err := postTo(address+"/login", `{"email":"leaver@example.com","password":"`+leaversPassword+`"}`, asJSON())
	if status != http.StatusUnauthorized || err != nil {
		t.Errorf("the account still is there: %d, %v", status, err)
	}
	for l.count(t, l.table) > 0 {
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("%d objects were left, and were gone %v after the next start", left, time.Since(begin))
}

// TestOutboxBySchedule has a function do by a schedule what requests have promised.
func TestOutboxBySchedule(t *testing.T) {
	variables := lambdaStore(t)
	function := startOwnqlLambda(t, variables...)
	l := newLeaver(t, variables, 50, func(path, body string, header http.Header) string {
		return function.send(t, "http-api", lambdaRequest{method: "POST", path: path, header: header, body: body}).body
	})
	response := function.send(t, "http-api", lambdaRequest{method: "POST", path: "/graphql", header: asJSON("Authorization", "Bearer "+l.token), body: deleteTheLeaver})
	if !strings.Contains(response.body, `"isComplete":true`) || l.count(t, l.table) != 0 {
		t.Errorf("%s, and %d objects are left", response.body, l.count(t, l.table))
	}
	outbox := "outbox"
	messages, err := l.data.Scan(t.Context(), &dynamodb.ScanInput{TableName: &outbox})
	if err != nil || len(messages.Items) != 2 {
		t.Fatalf("%d messages, %v: want two, which look a minute later for what was theirs, and what named them", len(messages.Items), err)
	}
	for _, message := range messages.Items {
		_, err = l.data.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &outbox, Key: map[string]types.AttributeValue{"id": message["id"]},
			UpdateExpression: aws.String("SET dueAt = madeAt"),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	event := `{"version":"0","id":"1","detail-type":"Scheduled Event","source":"aws.events","account":"111122223333","time":"2026-11-28T20:00:00Z","region":"eu-central-1","resources":["arn:aws:events:eu-central-1:111122223333:rule/ownql"],"detail":{}}`
	if o := function.invoke(t, []byte(event), lambdaTimeout); o.isError || string(o.body) != "null" {
		t.Errorf("the schedule is answered %s", o.body)
	}
	if left := l.count(t, outbox); left != 0 {
		t.Errorf("%d messages are left", left)
	}
}
