package dynamolocal

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// crashDirEnv makes the test binary the process that TestKill kills: it writes into this
// directory and prints what was acknowledged.
const crashDirEnv = "DYNAMOLOCAL_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDirEnv); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if dir := os.Getenv(crashStreamEnv); dir != "" {
		if err := followUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if dir := os.Getenv(memoryDirEnv); dir != "" {
		if err := printMemory(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv(compactDirEnv); dir != "" {
		if err := printCompact(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const crashWriters = 8

func pairKey(side string, n int) item {
	return item{"id": &types.AttributeValueMemberS{Value: side + strconv.Itoa(n)}}
}

// pair is one of the two items that a transaction writes; both are in the index under n.
func pair(side string, n int) item {
	it := pairKey(side, n)
	it["n"] = &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
	return it
}

// writeUntilKilled puts pairs of items, a pair in a transaction, and prints the number of each
// pair once it is acknowledged.
func writeUntilKilled(dir string) error {
	db, err := Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("pairs")}); err != nil {
		if _, err := db.CreateTable(ctx, pairsTable()); err != nil {
			return err
		}
	}
	first, err := strconv.Atoi(os.Getenv(crashDirEnv + "_FIRST"))
	if err != nil {
		return err
	}
	errs := make(chan error)
	for w := range crashWriters {
		go func() {
			for n := first + w; ; n += crashWriters {
				_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
					{Put: &types.Put{TableName: aws.String("pairs"), Item: pair("left", n)}},
					{Put: &types.Put{TableName: aws.String("pairs"), Item: pair("right", n)}},
				}})
				if err != nil {
					errs <- err
				}
				fmt.Println(n)
			}
		}()
	}
	return <-errs
}

func pairsTable() *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:   aws.String("pairs"),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("n"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("by-n"),
			KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String("n"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	}
}

// TestKill kills a process under load again and again: what it acknowledged is there, in the
// table and in the index, and of no transaction is there a half.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[int]bool{}
	const rounds, perRound = 5, 200
	for round := range rounds {
		cmd, stdout, stderr := startSelf(t, crashDirEnv+"="+dir, fmt.Sprintf("%s_FIRST=%d", crashDirEnv, round*1_000_000))
		lines := bufio.NewScanner(stdout)
		for n := 0; lines.Scan(); n++ {
			if n == perRound {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			if number, err := strconv.Atoi(lines.Text()); err == nil {
				acknowledged[number] = true
			}
		}
		cmd.Wait() // killed
		if len(acknowledged) < (round+1)*perRound {
			t.Fatalf("round %d: only %d writes were acknowledged: %s", round, len(acknowledged), stderr.String())
		}
		checkPairs(t, dir, acknowledged)
	}
}

// startSelf starts this test's binary once more, with variables of its environment that make it another program.
func startSelf(t *testing.T, variables ...string) (cmd *exec.Cmd, stdout io.Reader, stderr *strings.Builder) {
	t.Helper()
	cmd, stderr = exec.Command(os.Args[0]), &strings.Builder{}
	cmd.Env, cmd.Stderr = append(os.Environ(), variables...), stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdout, stderr
}

func checkPairs(t *testing.T, dir string, acknowledged map[int]bool) {
	t.Helper()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, index := range []*string{nil, aws.String("by-n")} {
		sides := map[string]int{}
		scan := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String("pairs"), IndexName: index})
		for scan.HasMorePages() {
			page, err := scan.NextPage(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range page.Items {
				sides[it["n"].(*types.AttributeValueMemberN).Value]++
			}
		}
		for n := range acknowledged {
			if sides[strconv.Itoa(n)] == 0 {
				t.Errorf("index %q: the acknowledged pair %d is lost", aws.ToString(index), n)
			}
		}
		for n, count := range sides {
			if count != 2 {
				t.Errorf("index %q: of pair %s there are %d items", aws.ToString(index), n, count)
			}
		}
	}
}

// TestOpenLocked shows that a second process, or a second Open, is refused by name.
func TestOpenLocked(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDirEnv+"="+dir, crashDirEnv+"_FIRST=0")
	out, err := cmd.CombinedOutput()
	want := fmt.Sprintf("data directory %s: %v", dir, ErrLocked)
	if err == nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("a second process: %v, %q; want %q", err, out, want)
	}
}
