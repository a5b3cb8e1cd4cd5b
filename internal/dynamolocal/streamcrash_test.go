package dynamolocal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// crashStreamEnv makes the test binary the process that TestKillStream kills.
const crashStreamEnv = "DYNAMOLOCAL_CRASH_STREAM"

// followUntilKilled puts pairs of items into a table with a stream, and reads that; it prints "wrote N" of a pair that
// is acknowledged, and "read SEQUENCE ID" of a record.
func followUntilKilled(dir string) error {
	db, err := Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if _, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("pairs")}); err != nil {
		in := pairsTable()
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage}
		if _, err := db.CreateTable(ctx, in); err != nil {
			return err
		}
	}
	first, err := strconv.Atoi(os.Getenv(crashStreamEnv + "_FIRST"))
	if err != nil {
		return err
	}
	errs := make(chan error)
	go func() {
		for r, err := range db.StreamRecords(ctx, "pairs", 0) {
			if err != nil {
				errs <- err
				return
			}
			fmt.Println("read", uint64(r.SequenceNumber), nameOf(r.Keys))
		}
	}()
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
				fmt.Println("wrote", n)
			}
		}()
	}
	return <-errs
}

// TestKillStream kills a process that writes and reads a stream, again and again: what a reader has seen is there, and
// what was acknowledged, each record with its item, and the halves of each pair one after the other.
func TestKillStream(t *testing.T) {
	dir := t.TempDir()
	read := map[SequenceNumber]string{}
	acknowledged := map[string]bool{}
	const rounds, perRound = 5, 200
	for round := range rounds {
		cmd, stdout, stderr := startSelf(t, crashStreamEnv+"="+dir, fmt.Sprintf("%s_FIRST=%d", crashStreamEnv, round*1_000_000))
		written, records := 0, 0
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			var n uint64
			var id string
			switch line := lines.Text(); {
			case scans(line, "wrote %d", &n):
				acknowledged[fmt.Sprint(n)] = true
				written++
			case scans(line, "read %d %s", &n, &id):
				if before, again := read[SequenceNumber(n)]; again && before != id {
					t.Errorf("%d was %s, and is %s", n, before, id)
				}
				read[SequenceNumber(n)] = id
				records++
			}
			if written >= perRound && records >= round*2*perRound+perRound {
				cmd.Process.Kill()
			}
		}
		cmd.Wait() // killed
		if written < perRound || records < perRound {
			t.Fatalf("round %d: %d writes and %d records: %s", round, written, records, stderr.String())
		}
		checkStreamOfPairs(t, dir, read, acknowledged)
	}
}

func scans(line, format string, into ...any) bool {
	n, err := fmt.Sscanf(line, format, into...)
	return err == nil && n == len(into)
}

func checkStreamOfPairs(t *testing.T, dir string, read map[SequenceNumber]string, acknowledged map[string]bool) {
	t.Helper()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ids := map[SequenceNumber]string{}
	items := 0
	err = db.view(context.Background(), func(tx *bbolt.Tx) error {
		s, err := openStream(tx, streams(tx, "pairs")[0])
		if err != nil {
			return err
		}
		table, err := db.open(tx, "pairs")
		if err != nil {
			return err
		}
		items = int(table.items.Sequence())
		return s.records(tx, 0, db.LatestSequenceNumber(), func(r *StreamRecord) (bool, error) {
			id := nameOf(r.Keys)
			ids[r.SequenceNumber] = id
			if n, isRight := strings.CutPrefix(id, "right"); isRight {
				if ids[r.SequenceNumber-1] != "left"+n {
					t.Errorf("%s follows %q", id, ids[r.SequenceNumber-1])
				}
				delete(acknowledged, n)
			}
			it, err := table.get(table.Key.encode(nil, r.Keys))
			if !equalItems(it, r.NewImage) {
				t.Errorf("%s is %v; its record has %v", id, it, r.NewImage)
			}
			return true, err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != items {
		t.Errorf("%d records of %d items", len(ids), items)
	}
	for n := range acknowledged {
		t.Errorf("the acknowledged pair %s has no records", n)
	}
	for n, id := range read {
		if ids[n] != id {
			t.Errorf("the record %d of %s was read, and is now of %q", n, id, ids[n])
		}
	}
	if report, err := db.Check(context.Background()); err != nil || len(report.Problems) > 0 {
		t.Errorf("check: %v, %v", report, err)
	}
}
