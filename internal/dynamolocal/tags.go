package dynamolocal

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// How many tags a table has, and how many characters their keys and values.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TaggingRestrictions.html
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

var errTooManyTags = validation("Number of Tags exceed the current limit for the provided ResourceArn")

// tagResource is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
// ListTagsOfResource has the tags when it returns.
func (db *DB) tagResource(ctx context.Context, in *dynamodb.TagResourceInput) (*dynamodb.TagResourceOutput, error) {
	r, err := taggedResource(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, validation("Atleast one Tag needs to be provided as Input.")
	}
	tags, err := checkTags(in.Tags)
	if err != nil {
		return nil, err
	}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		if !hasTable(tx, r.table) {
			return resourceNotFound(in.ResourceArn)
		}
		return tag(tx, r.table, tags)
	})
	return &dynamodb.TagResourceOutput{}, err
}

// untagResource is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html
// It is no error if there is no such tag.
func (db *DB) untagResource(ctx context.Context, in *dynamodb.UntagResourceInput) (*dynamodb.UntagResourceOutput, error) {
	r, err := taggedResource(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 {
		return nil, validation("Atleast one Tag Key needs to be provided as Input.")
	}
	for _, key := range in.TagKeys {
		if err := checkTagKey(&key); err != nil {
			return nil, err
		}
	}
	if len(in.TagKeys) > maxTags {
		return nil, errTooManyTags
	}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		if !hasTable(tx, r.table) {
			return resourceNotFound(in.ResourceArn)
		}
		bucket := tx.Bucket([]byte(tagsPrefix + r.table))
		if bucket == nil {
			return nil
		}
		for _, key := range in.TagKeys {
			if err := bucket.Delete([]byte(key)); err != nil {
				return storageError{err}
			}
		}
		return nil
	})
	return &dynamodb.UntagResourceOutput{}, err
}

// listTagsOfResource is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
// All of a table's tags, of which there are 50 at most, are on one page, by the order of their keys.
func (db *DB) listTagsOfResource(ctx context.Context, in *dynamodb.ListTagsOfResourceInput) (*dynamodb.ListTagsOfResourceOutput, error) {
	r, err := taggedResource(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if in.NextToken != nil {
		return nil, invalidParameter("Invalid NextToken: %s", *in.NextToken)
	}
	out := &dynamodb.ListTagsOfResourceOutput{Tags: []types.Tag{}}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		if !hasTable(tx, r.table) {
			return resourceNotFound(in.ResourceArn)
		}
		bucket := tx.Bucket([]byte(tagsPrefix + r.table))
		if bucket == nil {
			return nil
		}
		return bucket.ForEach(func(key, value []byte) error {
			out.Tags = append(out.Tags, types.Tag{Key: aws.String(string(key)), Value: aws.String(string(value))})
			return nil
		})
	})
	return out, err
}

// taggedResource is the resource in a request about tags. Only tables have any.
func taggedResource(arn *string) (resource, error) {
	r, err := resourceOfARN(arn, accessDenied(), func(arn string) error {
		return validation("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	})
	if err == nil && r.part != "" {
		err = resourceNotFound(arn)
	}
	return r, err
}

// resourceNotFound has AWS's spelling.
func resourceNotFound(arn *string) error {
	return &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: ResourcArn: " + *arn + " not found")}
}

func hasTable(tx *bbolt.Tx, name string) bool {
	return tx.Bucket([]byte(tablePrefix+name)) != nil
}

// checkTags checks the tags of a request, and is their values by their keys.
func checkTags(tags []types.Tag) (map[string]string, error) {
	values := make(map[string]string, len(tags))
	for _, t := range tags {
		if err := checkTagKey(t.Key); err != nil {
			return nil, err
		}
		if strings.HasPrefix(*t.Key, "aws:") {
			return nil, validation("Tag Key cannot be prefixed with aws:, Key: %s", *t.Key)
		}
		if t.Value == nil || !isTagText(*t.Value, maxTagValue) {
			return nil, validation("The Tag Value provided is invalid, Value: %s", orNull(t.Value))
		}
		if _, twice := values[*t.Key]; twice {
			return nil, validation("Duplicate Tag Keys provided as input: Duplicate Tag Key found %s", *t.Key)
		}
		values[*t.Key] = *t.Value
	}
	if len(values) > maxTags {
		return nil, errTooManyTags
	}
	return values, nil
}

func checkTagKey(key *string) error {
	if key == nil || *key == "" || !isTagText(*key, maxTagKey) {
		return validation("The Tag Key provided is invalid, Key: %s", orNull(key))
	}
	return nil
}

func orNull(text *string) string {
	if text == nil {
		return "null"
	}
	return *text
}

// isTagText is whether a text of at most so many characters has none that a tag cannot have.
func isTagText(text string, limit int) bool {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > limit {
		return false
	}
	for _, c := range text {
		if !unicode.In(c, unicode.L, unicode.N, unicode.Z) && !strings.ContainsRune("+-=._:/@", c) {
			return false
		}
	}
	return true
}

// tag gives the table tags beside those that it has.
func tag(tx *bbolt.Tx, table string, values map[string]string) error {
	if len(values) == 0 {
		return nil
	}
	name := []byte(tagsPrefix + table)
	count := len(values)
	if bucket := tx.Bucket(name); bucket != nil {
		err := bucket.ForEach(func(key, _ []byte) error {
			if _, again := values[string(key)]; !again {
				count++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if count > maxTags {
		return errTooManyTags
	}
	bucket, err := tx.CreateBucketIfNotExists(name)
	if err != nil {
		return storageError{err}
	}
	for key, value := range values {
		if err := bucket.Put([]byte(key), []byte(value)); err != nil {
			return storageError{err}
		}
	}
	return nil
}

// deleteTagsAndPolicy is for a table that is deleted. Any error is a storageError.
func deleteTagsAndPolicy(tx *bbolt.Tx, table string) error {
	for _, prefix := range []string{tagsPrefix, policyPrefix} {
		name := []byte(prefix + table)
		if tx.Bucket(name) == nil {
			continue
		}
		if err := tx.DeleteBucket(name); err != nil {
			return storageError{err}
		}
	}
	return nil
}
