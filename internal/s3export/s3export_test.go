package s3export

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/dynamolocal"
)

type item = map[string]types.AttributeValue

// values are of every type, with what is easily lost: digits, bytes, emptiness, nesting, and
// characters that JSON escapes.
var values = item{
	"text":     &types.AttributeValueMemberS{Value: "naïve <b>&\"\\\n\u2028\u0000\U0001f980"},
	"empty":    &types.AttributeValueMemberS{Value: ""},
	"number":   &types.AttributeValueMemberN{Value: "-12345678901234567890123456789.123456789"},
	"small":    &types.AttributeValueMemberN{Value: "0." + strings.Repeat("0", 129) + "1"},
	"large":    &types.AttributeValueMemberN{Value: strings.Repeat("9", 38) + strings.Repeat("0", 88)},
	"binary":   &types.AttributeValueMemberB{Value: []byte{0, 255, '\n', 128}},
	"strings":  &types.AttributeValueMemberSS{Value: []string{"b", "a", ""}},
	"numbers":  &types.AttributeValueMemberNS{Value: []string{"3.14", "-1", "12345678901234567890123456789012345678"}},
	"binaries": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {0, 2}}},
	"true":     &types.AttributeValueMemberBOOL{Value: true},
	"false":    &types.AttributeValueMemberBOOL{Value: false},
	"null":     &types.AttributeValueMemberNULL{Value: true},
	"nothing":  &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
	"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberN{Value: "1"},
		&types.AttributeValueMemberM{Value: item{"deep": &types.AttributeValueMemberNULL{Value: true}}},
	}},
	"map": &types.AttributeValueMemberM{Value: item{}},
}

// TestRoundTrip takes items out of one engine and into another: several pages, several
// batches, and one that is too large for BatchWriteItem at once.
func TestRoundTrip(t *testing.T) {
	from, to := openEngine(t), openEngine(t)
	want := fill(t, from)
	snapshot, err := from.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	createTable(t, to)
	export := writeAndOpen(t, snapshot)
	if export.Items != int64(len(want)) {
		t.Errorf("the export has %d items, want %d", export.Items, len(want))
	}
	var last int64
	if err := export.WriteTo(t.Context(), to, table, func(done, total int64) {
		if done < last || total != export.Items {
			t.Errorf("progress from %d to %d of %d", last, done, total)
		}
		last = done
	}); err != nil {
		t.Fatal(err)
	}
	if last != export.Items {
		t.Errorf("progress ends at %d of %d", last, export.Items)
	}
	wantItems(t, to, want)
}

// TestFiles shows what no test of content does: that the files are this user's alone, and that
// there is no more than AWS has.
func TestFiles(t *testing.T) {
	engine := openEngine(t)
	createTable(t, engine)
	dir := filepath.Join(t.TempDir(), "new", table)
	if _, err := Write(t.Context(), engine, table, dir, time.Now(), quiet); err != nil {
		t.Fatal(err)
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700 | fs.ModeDir
		} else {
			files = append(files, filepath.Base(path))
		}
		if err == nil && info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"_started", "DATA", "manifest-files.json", "manifest-files.md5", "manifest-summary.json", "manifest-summary.md5"}
	if len(files) > 1 && strings.HasSuffix(files[1], ".json.gz") {
		files[1] = "DATA"
	}
	if diff := gocmp.Diff(want, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestWriteNoTable shows that an export of nothing writes nothing.
func TestWriteNoTable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	_, err := Write(t.Context(), openEngine(t), table, dir, time.Now(), quiet)
	if missing := new(types.ResourceNotFoundException); !errors.As(err, &missing) {
		t.Errorf("%v, want a ResourceNotFoundException", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is there: %v", dir, err)
	}
}

// TestOpenRefuses changes an export in one place each.
func TestOpenRefuses(t *testing.T) {
	replace := func(old, new string) func([]byte) []byte {
		return func(content []byte) []byte { return bytes.ReplaceAll(content, []byte(old), []byte(new)) }
	}
	for _, test := range []struct {
		name, file string
		change     func([]byte) []byte // nil removes the file
		want       string
	}{
		{"an export that has not ended", "manifest-summary.json", nil, "it has not ended"},
		{"a summary that was changed", "manifest-summary.json", replace("itemCount", "ItemCount"), "manifest-summary.json is damaged"},
		{"a list of files that was changed", "manifest-files.json", replace(":1,", ":2,"), "manifest-files.json is damaged"},
		{"a checksum that is missing", "manifest-files.md5", nil, "manifest-files.checksum: no such file"},
		{"data that was changed", "data/*", func(b []byte) []byte { b[len(b)-1]++; return b }, "is damaged"},
		{"data that is missing", "data/*", nil, "no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := exportOfOne(t)
			files, err := filepath.Glob(filepath.Join(dir, exportsDir, "*", test.file))
			if err != nil || len(files) != 1 {
				t.Fatalf("%v, %v", files, err)
			}
			if test.change == nil {
				err = os.Remove(files[0])
			} else {
				var content []byte
				if content, err = os.ReadFile(files[0]); err == nil {
					err = os.WriteFile(files[0], test.change(content), 0o600)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestOpenNewest shows that of two exports the later counts.
func TestOpenNewest(t *testing.T) {
	engine := openEngine(t)
	createTable(t, engine)
	dir := t.TempDir()
	for want := range int64(2) {
		if _, err := Write(t.Context(), engine, table, dir, time.Now(), quiet); err != nil {
			t.Fatal(err)
		}
		export, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if export.Items != want {
			t.Errorf("it has %d items, want %d", export.Items, want)
		}
		put(t, engine, key("a", 1))
		time.Sleep(2 * time.Millisecond) // the unit of an export's id
	}
}

// slowTable is an engine that processes one item of a batch, as DynamoDB may when it is busy.
type slowTable struct{ *dynamolocal.DB }

func (s slowTable) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	puts := in.RequestItems[table]
	out, err := s.DB.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: puts[:1]}})
	if err == nil && len(puts) > 1 {
		out.UnprocessedItems = map[string][]types.WriteRequest{table: puts[1:]}
	}
	return out, err
}

// TestUnprocessedItems shows that they are tried again.
func TestUnprocessedItems(t *testing.T) {
	from, to := openEngine(t), openEngine(t)
	createTable(t, from)
	createTable(t, to)
	var want []item
	for i := range 4 {
		want = append(want, key("a", i))
		put(t, from, want[i])
	}
	if err := writeAndOpen(t, from).WriteTo(t.Context(), slowTable{to}, table, quiet); err != nil {
		t.Fatal(err)
	}
	wantItems(t, to, want)
}

// The table of the tests, its key text and number.
const table = "things"

func openEngine(t testing.TB) *dynamolocal.DB {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

func createTable(t testing.TB, in dynamodbiface.DynamoDBAPI) {
	t.Helper()
	_, err := in.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   aws.String(table),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("owner"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("n"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("owner"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("n"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func key(owner string, n int) item {
	return item{"owner": &types.AttributeValueMemberS{Value: owner}, "n": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}}
}

func put(t *testing.T, in dynamodbiface.DynamoDBAPI, it item) {
	t.Helper()
	if _, err := in.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: it}); err != nil {
		t.Fatal(err)
	}
}

// fill makes the table, puts items of every kind into it, and returns them.
func fill(t *testing.T, in dynamodbiface.DynamoDBAPI) (items []item) {
	t.Helper()
	createTable(t, in)
	for i := range 60 {
		it := key("small", i)
		for name, v := range values {
			it[name] = v
		}
		items = append(items, it)
	}
	for i := range 10 { // in JSON six bytes each
		it := key("large", i)
		it["text"] = &types.AttributeValueMemberS{Value: strings.Repeat("\x01", 390<<10)}
		items = append(items, it)
	}
	for _, it := range items {
		put(t, in, it)
	}
	return items
}

func writeAndOpen(t testing.TB, from Source) *Export {
	t.Helper()
	dir := t.TempDir()
	items, err := Write(t.Context(), from, table, dir, time.Now(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	export, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if export.Items != items {
		t.Errorf("%d items were written, and %d are there", items, export.Items)
	}
	return export
}

func exportOfOne(t *testing.T) (dir string) {
	t.Helper()
	engine := openEngine(t)
	createTable(t, engine)
	put(t, engine, key("a", 1))
	dir = t.TempDir()
	if _, err := Write(t.Context(), engine, table, dir, time.Now(), quiet); err != nil {
		t.Fatal(err)
	}
	return dir
}

func quiet(int64, int64) {}

// wantItems wants these in the table and no others, whatever the order of items and of sets.
func wantItems(t *testing.T, in dynamodbiface.DynamoDBAPI, want []item) {
	t.Helper()
	var got []item
	pages := dynamodb.NewScanPaginator(in, &dynamodb.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Items...)
	}
	byKey := func(a, b item) int { return cmp.Compare(keyText(a), keyText(b)) }
	slices.SortFunc(got, byKey)
	slices.SortFunc(want, byKey)
	isSet := func(p gocmp.Path) bool {
		typ := p.Index(-2).Type()
		return typ == reflect.TypeFor[types.AttributeValueMemberSS]() || typ == reflect.TypeFor[types.AttributeValueMemberNS]() || typ == reflect.TypeFor[types.AttributeValueMemberBS]()
	}
	diff := gocmp.Diff(want, got,
		cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{},
			types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{}, types.AttributeValueMemberM{},
			types.AttributeValueMemberL{}, types.AttributeValueMemberBOOL{}, types.AttributeValueMemberNULL{}),
		gocmp.FilterPath(isSet, gocmp.Options{
			cmpopts.SortSlices(func(a, b string) bool { return a < b }),
			cmpopts.SortSlices(func(a, b []byte) bool { return bytes.Compare(a, b) < 0 }),
		}))
	if diff != "" {
		t.Errorf("items (-want +got):\n%.2000s", diff)
	}
}

func keyText(it item) string {
	return it["owner"].(*types.AttributeValueMemberS).Value + it["n"].(*types.AttributeValueMemberN).Value
}

// TestBombs shows that a small file that unpacks to more than memory holds is refused early: an
// item without an end, one that is many times as large as DynamoDB's, and more items than the
// manifest says.
func TestBombs(t *testing.T) {
	const size, memoryBound = 256 << 20, 64 << 20
	for _, test := range []struct{ name, begin, repeated, want string }{
		{"an item without an end", `{"Item":{"id":{"S":"`, "aaaaaaaaaaaaaaaa", "DynamoDB takes 400 KB"},
		{"an item of many members", `{"Item":{"id":{"L":[`, `{"NULL":true},`, "DynamoDB takes 400 KB"},
		{"space without an end", `{"Item":{"id":{"S":"a"}}}`, "                ", "DynamoDB takes 400 KB"},
		{"lists in lists", `{"Item":{"id":`, `{"L":[`, "exceeded max depth"},
		{"items that the manifest does not tell of", "", `{"Item":{"owner":{"S":"a"},"n":{"N":"1"}}}` + "\n", "more than the 1 items"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := exportOfOne(t)
			replaceData(t, dir, func(w io.Writer) {
				io.WriteString(w, test.begin)
				repeated := strings.Repeat(test.repeated, 1<<16)
				for written := 0; written < size; written += len(repeated) {
					io.WriteString(w, repeated)
				}
			})
			export, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err = export.WriteTo(t.Context(), openEngine(t), table, quiet)
			runtime.ReadMemStats(&after)
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > memoryBound {
				t.Errorf("it takes %d MB", allocated>>20)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// replaceData has the one data file of an export be what write writes, packed, and its manifest
// know of it.
func replaceData(t *testing.T, dir string, write func(io.Writer)) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, exportsDir, "*", dataDir, "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	write(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(filepath.Dir(filepath.Dir(names[0])), filesFile)
	content, err := os.ReadFile(list + manifestType)
	if err != nil {
		t.Fatal(err)
	}
	var file dataFile
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	file.MD5Checksum = checksum(packed.Bytes())
	if content, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		names[0]: packed.Bytes(), list + manifestType: content, list + checksumType: []byte(checksum(content)),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
