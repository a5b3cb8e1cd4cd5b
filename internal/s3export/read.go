package s3export

import (
	"bufio"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An Export is a table as it was exported, by [Write] or by AWS.
type Export struct {
	Items int64 // how many it has

	dir   string // of its manifests
	files []dataFile
}

// IsExport tells whether dir is for the exports of one table.
func IsExport(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, exportsDir))
	return err == nil && info.IsDir()
}

// Open returns the newest export in dir, as [Write] or AWS made it, and checks that it is
// whole: that each file is there and has its checksum. It refuses one that has not ended, that
// is incremental, or that is in another format than DynamoDB JSON.
func Open(dir string) (*Export, error) {
	ids, err := os.ReadDir(filepath.Join(dir, exportsDir))
	if err != nil {
		return nil, err
	}
	var newest string
	for _, id := range ids { // in order
		if id.IsDir() {
			newest = id.Name()
		}
	}
	if newest == "" {
		return nil, fmt.Errorf("%s holds no export", filepath.Join(dir, exportsDir))
	}
	e := &Export{dir: filepath.Join(dir, exportsDir, newest)}
	if err := e.open(); err != nil {
		return nil, fmt.Errorf("export %s: %w", e.dir, err)
	}
	return e, nil
}

func (e *Export) open() error {
	content, err := e.manifest(summaryFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("it has not ended, or is not all here: %w", err)
	}
	if err != nil {
		return err
	}
	var summary summary
	if err := json.Unmarshal(content, &summary); err != nil {
		return fmt.Errorf("%s: %w", summaryFile+manifestType, err)
	}
	if summary.OutputFormat != dynamoDBJSON {
		return fmt.Errorf("its format is %s: export the table again as %s", summary.OutputFormat, dynamoDBJSON)
	}
	if summary.ExportType != "" && summary.ExportType != fullExport {
		return fmt.Errorf("its type is %s: make a %s", summary.ExportType, fullExport)
	}
	if content, err = e.manifest(filesFile); err != nil {
		return err
	}
	for line := range strings.Lines(string(content)) {
		var file dataFile
		if err := json.Unmarshal([]byte(line), &file); err != nil {
			return fmt.Errorf("%s: %w", filesFile+manifestType, err)
		}
		if err := e.verify(file); err != nil {
			return err
		}
		e.files = append(e.files, file)
		e.Items += file.ItemCount
	}
	if e.Items != summary.ItemCount {
		return fmt.Errorf("its files have %d items, and the summary says %d", e.Items, summary.ItemCount)
	}
	return nil
}

// manifest reads a manifest and checks it against its checksum, whatever that is called.
func (e *Export) manifest(name string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(e.dir, name+manifestType))
	if err != nil {
		return nil, err
	}
	want, err := os.ReadFile(filepath.Join(e.dir, name+checksumType))
	if errors.Is(err, fs.ErrNotExist) {
		want, err = os.ReadFile(filepath.Join(e.dir, name+".checksum"))
	}
	if err != nil {
		return nil, err
	}
	if checksum(content) != strings.TrimSpace(string(want)) {
		return nil, fmt.Errorf("%s is damaged: it has another checksum", name+manifestType)
	}
	return content, nil
}

// path returns where a data file is. Its key in S3 begins with the prefix of the bucket that
// it was exported to.
func (e *Export) path(f dataFile) string {
	return filepath.Join(e.dir, dataDir, path.Base(f.DataFileS3Key))
}

func (e *Export) verify(file dataFile) error {
	f, err := os.Open(e.path(file))
	if err != nil {
		return err
	}
	defer f.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if base64.StdEncoding.EncodeToString(sum.Sum(nil)) != file.MD5Checksum {
		return fmt.Errorf("%s is damaged: it has another checksum", filepath.Base(f.Name()))
	}
	return nil
}

// A line is an item, and how many bytes of JSON it was.
type line struct {
	item map[string]types.AttributeValue
	size int
}

// lines gives the items of a data file, and ends at the first error.
func (e *Export) lines(file dataFile) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		if err := e.eachLine(file, yield); err != nil {
			yield(line{}, fmt.Errorf("%s: %w", e.path(file), err))
		}
	}
}

// eachLine returns an error only where yield has not asked to stop.
func (e *Export) eachLine(file dataFile, yield func(line, error) bool) error {
	f, err := os.Open(e.path(file))
	if err != nil {
		return err
	}
	defer f.Close()
	var unpacked itemReader
	switch z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<16)); {
	case err == io.EOF: // AWS writes an empty file for an empty partition
		unpacked.Reader = f
	case err != nil:
		return err
	default:
		unpacked.Reader = z
	}
	content := json.NewDecoder(&unpacked)
	for n := int64(1); ; n++ {
		unpacked.read = 0
		var object struct{ Item json.RawMessage }
		switch err := content.Decode(&object); {
		case err == io.EOF && n-1 != file.ItemCount:
			return fmt.Errorf("it has %d items, and the manifest says %d", n-1, file.ItemCount)
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("item %d: %w", n, err)
		case n > file.ItemCount:
			return fmt.Errorf("it has more than the %d items that the manifest says", file.ItemCount)
		}
		if object.Item == nil {
			return fmt.Errorf(`item %d: there is no "Item"`, n)
		}
		item, err := attributevalue.UnmarshalMapJSON(object.Item)
		if err != nil {
			return fmt.Errorf("item %d: %w", n, err)
		}
		if !yield(line{item, len(object.Item)}, nil) {
			return nil
		}
	}
}

// maxItem is how many bytes of JSON an item may have. DynamoDB's own limit is 400 KB, of which
// JSON makes seven times as much at most: `{"NULL":true},` of what counts two bytes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxItem = 4 << 20

// errItemTooLarge: what a small file unpacks to may be larger than any memory.
var errItemTooLarge = fmt.Errorf("it has more than %d bytes, and DynamoDB takes 400 KB: the file is damaged", maxItem)

// An itemReader fails where one item goes on for too long. read is set to 0 before each; what a
// decoder reads ahead counts for the one before.
type itemReader struct {
	io.Reader
	read int
}

func (r *itemReader) Read(p []byte) (int, error) {
	if r.read > maxItem {
		return 0, errItemTooLarge
	}
	n, err := r.Reader.Read(p)
	r.read += n
	return n, err
}
