package s3export

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Write exports the table into dir, which it makes where it is missing (0700, its files 0600),
// and returns the number of items. Unless from is a snapshot, they are read one page after the
// other: what changes meanwhile may be in the export or not. at is the moment that a snapshot
// is of, else the time at which the reading begins.
//
// The error wraps a *types.ResourceNotFoundException if there is no such table; then nothing
// is written. An export that ends in another error lacks its manifest-summary.json, and
// [Open] refuses it.
func Write(ctx context.Context, from Source, table, dir string, at time.Time, progress Progress) (items int64, err error) {
	described, err := from.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return 0, fmt.Errorf("describe table %s: %w", table, err)
	}
	start := time.Now()
	id := fmt.Sprintf("%014d-%s", start.UnixMilli(), randomHex())
	key := path.Join(exportsDir, id)
	w := writer{dir: filepath.Join(dir, exportsDir, id)}
	if err := os.MkdirAll(filepath.Join(w.dir, dataDir), 0o700); err != nil {
		return 0, err
	}
	if err := w.file(startedFile, nil); err != nil {
		return 0, err
	}
	file, err := w.data(ctx, from, described.Table, progress)
	if err != nil {
		return 0, fmt.Errorf("export table %s: %w", table, err)
	}
	file.DataFileS3Key = path.Join(key, file.DataFileS3Key)
	if err := w.manifest(filesFile, file); err != nil {
		return 0, err
	}
	arn := aws.ToString(described.Table.TableArn)
	return file.ItemCount, w.manifest(summaryFile, summary{
		Version:            manifestVersion,
		ExportARN:          arn + "/export/" + id,
		StartTime:          timestamp(start),
		EndTime:            timestamp(time.Now()),
		TableARN:           arn,
		TableID:            aws.ToString(described.Table.TableId),
		ExportTime:         timestamp(at),
		ManifestFilesS3Key: path.Join(key, filesFile+manifestType),
		ItemCount:          file.ItemCount,
		OutputFormat:       dynamoDBJSON,
		ExportType:         fullExport,
	})
}

// A writer writes the files of one export.
type writer struct {
	dir string
}

// file writes a small file, and syncs it.
func (w writer) file(name string, content []byte) error {
	f, err := w.create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func (w writer) create(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(w.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// manifest writes content as a line of JSON, and before it the checksum.
func (w writer) manifest(name string, content any) error {
	line, err := json.Marshal(content)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if err := w.file(name+checksumType, []byte(checksum(line))); err != nil {
		return err
	}
	return w.file(name+manifestType, line)
}

// data writes the table's items into a data file, and syncs it.
func (w writer) data(ctx context.Context, from Source, table *types.TableDescription, progress Progress) (dataFile, error) {
	name := path.Join(dataDir, strings.ToLower(rand.Text())+".json.gz")
	f, err := w.create(name)
	if err != nil {
		return dataFile{}, err
	}
	z := newZipper(f)
	n, err := writeItems(ctx, z, from, table, progress)
	if err = errors.Join(err, z.close(), f.Sync(), f.Close()); err != nil {
		return dataFile{}, err
	}
	sum := z.sum.Sum(nil)
	return dataFile{
		ItemCount:     n,
		MD5Checksum:   base64.StdEncoding.EncodeToString(sum),
		ETag:          hex.EncodeToString(sum), // as S3 gives it to an object put in one part
		DataFileS3Key: name,
	}, nil
}

// writeItems writes a line for each item of the table.
func writeItems(ctx context.Context, to io.Writer, from Source, table *types.TableDescription, progress Progress) (n int64, err error) {
	scan := &dynamodb.ScanInput{TableName: table.TableName, ConsistentRead: aws.Bool(true)}
	var line bytes.Buffer
	for {
		progress(n, max(n, aws.ToInt64(table.ItemCount)))
		page, err := from.Scan(ctx, scan)
		if err != nil {
			return n, err
		}
		for _, item := range page.Items {
			content, err := attributevalue.MarshalMapJSON(item)
			if err != nil {
				return n, err
			}
			line.Reset()
			line.WriteString(`{"Item":`)
			line.Write(content)
			line.WriteString("}\n")
			if _, err := to.Write(line.Bytes()); err != nil {
				return n, err
			}
			n++
		}
		if scan.ExclusiveStartKey = page.LastEvaluatedKey; scan.ExclusiveStartKey == nil {
			progress(n, n)
			return n, nil
		}
	}
}

// A zipper compresses what is written to it, and adds up the result's MD5.
type zipper struct {
	*gzip.Writer
	buffer *bufio.Writer
	sum    hash.Hash
}

func newZipper(to io.Writer) zipper {
	sum := md5.New()
	buffer := bufio.NewWriterSize(io.MultiWriter(to, sum), 1<<16)
	return zipper{gzip.NewWriter(buffer), buffer, sum}
}

func (z zipper) close() error { return errors.Join(z.Close(), z.buffer.Flush()) }

func randomHex() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
