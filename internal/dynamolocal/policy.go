package dynamolocal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// A policy is the resource-based policy of a table or of a stream. It is kept, and allows or denies nothing here.
type policy struct {
	Document string // without spaces
	Revision int64  // when it became what it is, in milliseconds since 1970
}

var policyKey = []byte("policy")

// maxPolicySize is in bytes, spaces included.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
const maxPolicySize = 20 << 10

// noPolicy is the revision that PutResourcePolicy expects where there is to be none.
const noPolicy = "NO_POLICY"

// getResourcePolicy is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html
func (db *DB) getResourcePolicy(ctx context.Context, in *dynamodb.GetResourcePolicyInput) (*dynamodb.GetResourcePolicyOutput, error) {
	r, err := policyResource(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.GetResourcePolicyOutput{}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		p, err := r.openPolicy(tx)
		if err != nil {
			return err
		}
		if p == nil {
			return policyNotFound("%s", *in.ResourceArn)
		}
		out.Policy, out.RevisionId = &p.Document, p.revisionID()
		return nil
	})
	return out, err
}

// putResourcePolicy is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
// A policy that is the same but for spaces and order is the same revision.
func (db *DB) putResourcePolicy(ctx context.Context, in *dynamodb.PutResourcePolicyInput) (*dynamodb.PutResourcePolicyOutput, error) {
	r, err := policyResource(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if in.Policy == nil {
		return nil, constraintOfNull("policy")
	}
	if err := checkRevision(in.ExpectedRevisionId); err != nil {
		return nil, err
	}
	if err := checkPolicy(*in.Policy); err != nil {
		return nil, err
	}
	out := &dynamodb.PutResourcePolicyOutput{}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		old, err := r.openPolicy(tx)
		if err != nil {
			return err
		}
		if err := old.expect(in.ExpectedRevisionId, r); err != nil {
			return err
		}
		p := newPolicy(*in.Policy, old, time.Now())
		out.RevisionId = p.revisionID()
		return p.save(tx, r)
	})
	return out, err
}

// deleteResourcePolicy is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html
// It is no error if there is none, unless a revision is expected.
func (db *DB) deleteResourcePolicy(ctx context.Context, in *dynamodb.DeleteResourcePolicyInput) (*dynamodb.DeleteResourcePolicyOutput, error) {
	r, err := policyResource(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := checkRevision(in.ExpectedRevisionId); err != nil {
		return nil, err
	}
	out := &dynamodb.DeleteResourcePolicyOutput{}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		old, err := r.openPolicy(tx)
		if err != nil {
			return err
		}
		if err := old.expect(in.ExpectedRevisionId, r); err != nil || old == nil {
			return err
		}
		out.RevisionId = old.revisionID()
		if r.part != "" {
			err = tx.Bucket(r.policyBucket()).Delete(policyKey)
		} else {
			err = tx.DeleteBucket(r.policyBucket())
		}
		if err != nil {
			return storageError{err}
		}
		return nil
	})
	return out, err
}

// policyResource is the resource in a request about a policy.
func policyResource(arn *string) (resource, error) {
	elsewhere := validation("This action is only supported by accounts that match the resource owner’s account.")
	return resourceOfARN(arn, elsewhere, func(arn string) error { return invalidParameter("Invalid resource Arn: %s", arn) })
}

// policyBucket is the name of the bucket that has the policy: one of its own, or that of a stream's definition.
func (r resource) policyBucket() []byte {
	if label, isStream := strings.CutPrefix(r.part, "stream/"); isStream {
		return streamID{r.table, label}.definitionName()
	}
	return []byte(policyPrefix + r.table)
}

// openPolicy is the policy of the resource, nil if it has none.
func (r resource) openPolicy(tx *bbolt.Tx) (*policy, error) {
	bucket := tx.Bucket(r.policyBucket())
	label, isStream := strings.CutPrefix(r.part, "stream/")
	switch {
	case isStream && bucket == nil:
		return nil, &types.ResourceNotFoundException{
			Message: aws.String(fmt.Sprintf("Requested resource not found: Stream: %s not found for Table: %s", label, r.table)),
		}
	case !isStream && !hasTable(tx, r.table):
		return nil, tableNotFound(r.table)
	case bucket == nil || bucket.Get(policyKey) == nil && isStream:
		return nil, nil
	}
	p := &policy{}
	if err := json.Unmarshal(bucket.Get(policyKey), p); err != nil {
		return nil, fmt.Errorf("%s: its policy: %w: %v", r, errCorrupt, err)
	}
	return p, nil
}

// String names the resource as messages have it.
func (r resource) String() string {
	if r.part != "" {
		return r.part + " of table " + r.table
	}
	return "table " + r.table
}

func policyNotFound(format string, args ...any) error {
	return &types.PolicyNotFoundException{
		Message: aws.String("Resource-based policy not found for the provided ResourceArn: " + fmt.Sprintf(format, args...)),
	}
}

func checkRevision(id *string) error {
	switch {
	case id == nil:
		return nil
	case *id == "":
		return constraint("", "expectedRevisionId", "Member must have length greater than or equal to 1")
	case len(*id) > 255:
		return constraint(*id, "expectedRevisionId", "Member must have length less than or equal to 255")
	}
	return nil
}

// expect refuses another revision than the one that is expected, if one is.
func (p *policy) expect(id *string, of resource) error {
	switch {
	case id == nil, p == nil && *id == noPolicy, p != nil && *id == *p.revisionID():
		return nil
	case p == nil:
		return policyNotFound("Requested update for policy with revision id %s, but %s has no associated policy.", *id, of)
	}
	return policyNotFound("Requested update for policy with revision id %s, but the policy associated to target %s has revision id %s.",
		*id, of, *p.revisionID())
}

func (p *policy) revisionID() *string {
	return aws.String(strconv.FormatInt(p.Revision, 10))
}

// newPolicy is the policy with the document, which is valid, in the place of old, which may be nil.
func newPolicy(document string, old *policy, now time.Time) *policy {
	var compact bytes.Buffer
	json.Compact(&compact, []byte(document))
	p := &policy{Document: compact.String(), Revision: now.UnixMilli()}
	if old == nil {
		return p
	}
	var is, was any
	json.Unmarshal([]byte(p.Document), &is)
	json.Unmarshal([]byte(old.Document), &was)
	if reflect.DeepEqual(is, was) {
		return old
	}
	p.Revision = max(p.Revision, old.Revision+1)
	return p
}

func (p *policy) save(tx *bbolt.Tx, of resource) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	bucket, err := tx.CreateBucketIfNotExists(of.policyBucket())
	if err == nil {
		err = bucket.Put(policyKey, text)
	}
	if err != nil {
		return storageError{err}
	}
	return nil
}

// checkPolicy refuses what is no policy: of the grammar, what each statement must have.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func checkPolicy(document string) error {
	invalid := func(format string, args ...any) error {
		return invalidParameter("Invalid policy document: "+format, args...)
	}
	if len(document) > maxPolicySize {
		return invalidParameter("Maximum policy size of %d bytes exceeded", maxPolicySize)
	}
	var p map[string]json.RawMessage
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		return invalid("This policy contains invalid Json")
	}
	if p == nil {
		return invalid("This text appears not to be a policy")
	}
	if p["Statement"] == nil {
		line := document[strings.LastIndexByte(document, '\n')+1:]
		return invalid("Syntax error at position (%d,%d)", strings.Count(document, "\n")+1, len(line)+1)
	}
	var statements []map[string]json.RawMessage
	if err := json.Unmarshal(p["Statement"], &statements); err != nil {
		statements = make([]map[string]json.RawMessage, 1)
		if err := json.Unmarshal(p["Statement"], &statements[0]); err != nil {
			return invalid("This policy contains invalid Json")
		}
	}
	if len(statements) == 0 {
		return invalid("Could not parse the policy: Statement is empty!")
	}
	for _, s := range statements {
		for _, field := range []string{"Effect", "Principal", "Action", "Resource"} {
			if s[field] == nil && s["Not"+field] == nil {
				return invalid("Missing required field %s", field)
			}
		}
	}
	return nil
}
