package dynamolocal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// TransactWriteItems' ClientRequestTokens are kept in two top-level buckets: tokens has, by
// token, the time it is forgotten and a hash of its request; expiries has that time and the
// token, and so finds the oldest.
var (
	tokensKey   = []byte("tokens")
	expiriesKey = []byte("expiries")
)

// tokenLife is how long a request with the same token is the same request.
const tokenLife = 10 * time.Minute

const maxTokenLength = 36

// requestHash is of all that makes a TransactWriteItems what it is.
func requestHash(in *dynamodb.TransactWriteItemsInput) ([sha256.Size]byte, error) {
	b, err := marshalJSON(in.TransactItems)
	return sha256.Sum256(b), err
}

// isRepeated is whether a request with this token and hash has been made within the last ten
// minutes. Where its hash was another, the error is an IdempotentParameterMismatchException.
func isRepeated(tx *bbolt.Tx, token string, hash [sha256.Size]byte, now time.Time) (bool, error) {
	bucket := tx.Bucket(tokensKey)
	if bucket == nil {
		return false, nil
	}
	v := bucket.Get([]byte(token))
	if len(v) != 8+sha256.Size || binary.BigEndian.Uint64(v) <= uint64(now.UnixMilli()) {
		return false, nil
	}
	if !bytes.Equal(v[8:], hash[:]) {
		return false, &types.IdempotentParameterMismatchException{Message: new(string)}
	}
	return true, nil
}

// remember keeps a token. Any error is a storageError.
func remember(tx *bbolt.Tx, token string, hash [sha256.Size]byte, now time.Time) error {
	tokens, err := tx.CreateBucketIfNotExists(tokensKey)
	if err != nil {
		return storageError{err}
	}
	expiries, err := tx.CreateBucketIfNotExists(expiriesKey)
	if err != nil {
		return storageError{err}
	}
	expiry := binary.BigEndian.AppendUint64(nil, uint64(now.Add(tokenLife).UnixMilli()))
	if err := tokens.Put([]byte(token), append(expiry, hash[:]...)); err != nil {
		return storageError{err}
	}
	if err := expiries.Put(append(expiry, token...), nil); err != nil {
		return storageError{err}
	}
	return nil
}

// forgetTokens deletes the tokens that have expired by now, in batches.
func (db *DB) forgetTokens(ctx context.Context, now time.Time) error {
	for {
		due := false
		err := db.view(ctx, func(tx *bbolt.Tx) error {
			due = len(expiredTokens(tx, now)) > 0
			return nil
		})
		if err != nil || !due {
			return err
		}
		if err := db.update(ctx, func(tx *bbolt.Tx) error { return forget(tx, expiredTokens(tx, now)) }); err != nil {
			return err
		}
	}
}

// expiredTokens are keys of expiries, the oldest first, a batch at most.
func expiredTokens(tx *bbolt.Tx, now time.Time) (keys [][]byte) {
	bucket := tx.Bucket(expiriesKey)
	if bucket == nil {
		return nil
	}
	due := keyRange{to: binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli())+1)}
	due.each(bucket, false, func(k, _ []byte) (bool, error) {
		keys = append(keys, bytes.Clone(k))
		return len(keys) < sweepBatch, nil
	})
	return keys
}

func forget(tx *bbolt.Tx, keys [][]byte) error {
	for _, k := range keys {
		expiry, token := k[:8], k[8:]
		tokens := tx.Bucket(tokensKey)
		if bytes.HasPrefix(tokens.Get(token), expiry) { // not used anew since
			if err := tokens.Delete(token); err != nil {
				return storageError{err}
			}
		}
		if err := tx.Bucket(expiriesKey).Delete(k); err != nil {
			return storageError{err}
		}
	}
	return nil
}
