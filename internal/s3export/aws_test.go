package s3export

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An awsExport is an export as AWS makes it, into a bucket with a prefix: a file for each
// partition, in no order, a member in no order either.
type awsExport struct {
	summary string // a format for the number of items
	files   map[string]string
}

// awsSummary is the example of S3DataExport.Output.html, for an account of our own.
const awsSummary = `{"version":"2020-06-30","exportArn":"arn:aws:dynamodb:eu-central-1:123456789012:table/Things/export/01693685827463-2d8752fd",
"startTime":"2023-09-02T20:17:07.463Z","endTime":"2023-09-02T20:22:31.019Z","tableArn":"arn:aws:dynamodb:eu-central-1:123456789012:table/Things",
"tableId":"12345a12-abcd-123a-ab12-1234abc12345","exportTime":"2023-09-02T20:17:07.463Z","s3Bucket":"our-exports","s3Prefix":"2023-Sep",
"s3SseAlgorithm":"AES256","s3SseKmsKeyId":null,"manifestFilesS3Key":"2023-Sep/AWSDynamoDB/01693685827463-2d8752fd/manifest-files.json",
"billedSizeBytes":1024,"itemCount":%d,"outputFormat":"DYNAMODB_JSON","exportType":"FULL_EXPORT"}`

// write writes it as `aws s3 sync` would bring it, with the checksums under that suffix.
func (x awsExport) write(t *testing.T, suffix string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	export := filepath.Join(dir, "AWSDynamoDB", "01693685827463-2d8752fd")
	if err := os.MkdirAll(filepath.Join(export, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(export, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var manifest strings.Builder
	items := 0
	for name, lines := range x.files {
		var content bytes.Buffer
		if lines != "" { // an empty partition's file is empty, not even compressed
			z := gzip.NewWriter(&content)
			z.Write([]byte(lines))
			z.Close()
		}
		n := strings.Count(lines, "\n")
		items += n
		fmt.Fprintf(&manifest, `{"itemCount":%d,"md5Checksum":"%s","etag":"f8a3-1","dataFileS3Key":"2023-Sep/AWSDynamoDB/01693685827463-2d8752fd/data/%s.json.gz"}`+"\n",
			n, checksum(content.Bytes()), name)
		write("data/"+name+".json.gz", content.Bytes())
	}
	summary := fmt.Sprintf(x.summary, items)
	write("manifest-files.json", []byte(manifest.String()))
	write("manifest-files"+suffix, []byte(checksum([]byte(manifest.String()))))
	write("manifest-summary.json", []byte(summary))
	write("manifest-summary"+suffix, []byte(checksum([]byte(summary))))
	return dir
}

// TestImportFromAWS reads what AWS wrote.
func TestImportFromAWS(t *testing.T) {
	x := awsExport{awsSummary, map[string]string{
		"asdl123dasas": `{"Item":{"n":{"N":"1"},"owner":{"S":"ada"},"tags":{"SS":["x","y"]}}}` + "\n" + `{"Item":{"n":{"N":"2"},"owner":{"S":"ada"}}}` + "\n",
		"pokasdpoksad": `{"Item":{"owner":{"S":"grace"},"n":{"N":"1"},"bytes":{"B":"AP8="}}}` + "\n",
		"empty":        "",
	}}
	want := []item{key("ada", 1), key("ada", 2), key("grace", 1)}
	want[0]["tags"] = &types.AttributeValueMemberSS{Value: []string{"x", "y"}}
	want[2]["bytes"] = &types.AttributeValueMemberB{Value: []byte{0, 255}}
	for name, suffix := range map[string]string{"as AWS writes it": ".md5", "as AWS documents it": ".checksum"} {
		t.Run(name, func(t *testing.T) {
			export, err := Open(x.write(t, suffix))
			if err != nil {
				t.Fatal(err)
			}
			engine := openEngine(t)
			createTable(t, engine)
			if err := export.WriteTo(t.Context(), engine, table, quiet); err != nil {
				t.Fatal(err)
			}
			wantItems(t, engine, want)
		})
	}
}

// TestImportRefuses shows what AWS has that is no table, or is not what its manifest says.
func TestImportRefuses(t *testing.T) {
	for _, test := range []struct{ name, old, new, lines, want string }{
		{"Ion", "DYNAMODB_JSON", "ION", "", "its format is ION"},
		{"the changes of a time", "FULL_EXPORT", "INCREMENTAL_EXPORT", "", "its type is INCREMENTAL_EXPORT"},
		{"another number of items", "%d", "%d0", "{}\n", "its files have 1 items, and the summary says 10"},
		{"no JSON", "", "", "Item\n", "item 1: invalid character"},
		{"no item", "", "", `{"Keys":{"id":{"S":"x"}}}` + "\n", `item 1: there is no "Item"`},
		{"fewer items than lines", "", "", "\n\n", "it has 0 items, and the manifest says 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := awsExport{strings.ReplaceAll(awsSummary, test.old, test.new), map[string]string{"data": test.lines}}
			if test.old == "" {
				x.summary = awsSummary
			}
			export, err := Open(x.write(t, ".md5"))
			if err == nil {
				engine := openEngine(t)
				createTable(t, engine)
				err = export.WriteTo(t.Context(), engine, table, quiet)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestImportWithoutATable shows that the target's error comes through.
func TestImportWithoutATable(t *testing.T) {
	export, err := Open(exportOfOne(t))
	if err != nil {
		t.Fatal(err)
	}
	err = export.WriteTo(t.Context(), openEngine(t), table, quiet)
	if missing := new(types.ResourceNotFoundException); !errors.As(err, &missing) {
		t.Errorf("%v, want a ResourceNotFoundException", err)
	}
}
