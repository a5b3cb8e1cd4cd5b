package dynamolocal

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// settings are what a table has beside its keys, its indexes and its billing. They are kept in its
// definition, and described; but for the stream, they change nothing here.
type settings struct {
	Stream       stream           `json:",omitzero"`
	Encryption   string           `json:",omitempty"` // the ARN of the KMS key; empty for DynamoDB's own key
	Class        types.TableClass `json:",omitempty"` // empty if none ever was asked for
	ClassSince   time.Time        `json:",omitzero"`  // zero if it is what CreateTable asked for
	OnDemand     throughput       `json:",omitzero"`  // the most requests, where not 0
	Warm         throughput       `json:",omitzero"`  // what was asked for
	RecoveryDays int32            `json:",omitempty"` // of the point in time recovery; 0 if it is off
}

// A stream is the setting of a table's stream.
type stream struct {
	View  types.StreamViewType `json:",omitempty"` // empty if it is disabled
	Label string               `json:",omitempty"` // of the latest stream, which may be disabled
}

// newSettings checks the settings that CreateTable asks for. The table's billing is set.
func (t *table) newSettings(in *dynamodb.CreateTableInput, now time.Time) error {
	if err := checkStream(in.StreamSpecification); err != nil {
		return err
	}
	if s := in.StreamSpecification; s != nil && *s.StreamEnabled {
		t.Stream = stream{View: s.StreamViewType, Label: streamLabel(now)}
	}
	if in.SSESpecification != nil {
		var err error
		if t.Encryption, err = encryptionKey(in.SSESpecification); err != nil {
			return err
		}
	}
	if err := checkTableClass(in.TableClass); err != nil {
		return err
	}
	t.Class = in.TableClass
	if err := t.OnDemand.limit(in.OnDemandThroughput, t.BillingMode, "table", true); err != nil {
		return err
	}
	return t.Warm.warm(in.WarmThroughput, t.BillingMode, t.Throughput, "table")
}

// alterSettings checks the settings that UpdateTable asks for.
func (t *table) alterSettings(in *dynamodb.UpdateTableInput, now time.Time) error {
	if err := t.alterStream(in, now); err != nil {
		return err
	}
	if in.SSESpecification != nil {
		key, err := encryptionKey(in.SSESpecification)
		switch {
		case err != nil:
			return err
		case key == "" && t.Encryption == "":
			return invalidParameter("Table is already encrypted by default")
		case key != "" && key == t.Encryption && aws.ToString(in.SSESpecification.KMSMasterKeyId) == key:
			return invalidParameter("Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master Key")
		}
		t.Encryption = key
	}
	if in.TableClass != "" {
		if err := checkTableClass(in.TableClass); err != nil {
			return err
		}
		t.Class, t.ClassSince = in.TableClass, now.UTC().Truncate(time.Millisecond)
	}
	if err := t.OnDemand.limit(in.OnDemandThroughput, t.BillingMode, "table", false); err != nil {
		return err
	}
	return t.Warm.warmer(in.WarmThroughput, t.BillingMode, t.Throughput, "table")
}

// checkAlone refuses a request for UpdateTable that changes nothing, or something beside what must be
// the only change.
func checkAlone(in *dynamodb.UpdateTableInput) error {
	changes := 0
	for _, isAsked := range []bool{
		in.BillingMode != "" || in.ProvisionedThroughput != nil,
		in.DeletionProtectionEnabled != nil,
		len(in.GlobalSecondaryIndexUpdates) > 0,
		in.OnDemandThroughput != nil,
		in.SSESpecification != nil,
		in.StreamSpecification != nil,
		in.TableClass != "",
		in.WarmThroughput != nil,
	} {
		if isAsked {
			changes++
		}
	}
	switch {
	case changes == 0:
		return validation("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	case changes == 1:
		return nil
	case in.SSESpecification != nil:
		return invalidParameter("Server-Side Encryption modification must be the only operation in the request")
	case in.TableClass != "":
		return invalidParameter("TableClass modification must be the only operation in the request")
	case in.WarmThroughput != nil:
		return invalidParameter("WarmThroughput must be the only operation in the request")
	case in.StreamSpecification != nil && in.ProvisionedThroughput != nil:
		return validation("Cannot change IOPS and Streams at the same time.")
	}
	return nil
}

func checkStream(s *types.StreamSpecification) error {
	switch {
	case s == nil:
		return nil
	case s.StreamEnabled == nil:
		return validation("Stream StreamEnabled was null")
	case !*s.StreamEnabled && s.StreamViewType != "":
		return validation("Invalid StreamViewType: Stream StreamEnabled was false but a StreamViewType was present.")
	case *s.StreamEnabled && s.StreamViewType == "":
		return validation("Invalid StreamViewType: Stream ViewType must not be null or empty when enabling streams.")
	case *s.StreamEnabled && !slices.Contains(s.StreamViewType.Values(), s.StreamViewType):
		return validation("Invalid StreamViewType: %s", s.StreamViewType)
	}
	return nil
}

func streamLabel(now time.Time) string {
	return now.UTC().Format(labelFormat)
}

// alterStream enables the stream, under a label of its own, or disables it.
func (t *table) alterStream(in *dynamodb.UpdateTableInput, now time.Time) error {
	s := in.StreamSpecification
	if s == nil {
		return nil
	}
	if err := checkStream(s); err != nil {
		return err
	}
	switch {
	case *s.StreamEnabled && t.Stream.View != "":
		return validation("Table already has an enabled stream")
	case !*s.StreamEnabled && t.Stream.View == "":
		return validation("Table has no stream to disable")
	case *s.StreamEnabled:
		label := streamLabel(now)
		if label <= t.Stream.Label { // within a millisecond, or the clock went back
			var err error
			if label, err = nextLabel(t.Stream.Label); err != nil {
				return err
			}
		}
		t.Stream = stream{View: s.StreamViewType, Label: label}
	default:
		t.Stream.View = ""
	}
	return nil
}

// encryptionKey is the ARN of the KMS key that is asked for, empty for DynamoDB's own key.
func encryptionKey(s *types.SSESpecification) (string, error) {
	isOff := s.Enabled != nil && !*s.Enabled || s.Enabled == nil && s.SSEType == ""
	key := aws.ToString(s.KMSMasterKeyId)
	switch {
	case isOff && s.SSEType != "":
		return "", invalidParameter("SSEType can not be specified if Enabled is false")
	case isOff && key != "":
		return "", invalidParameter("KMSMasterKeyId can not be specified if Enabled is false")
	case s.SSEType == types.SSETypeAes256:
		return "", invalidParameter("SSEType AES256 is not supported")
	case key != "" && s.SSEType == "":
		return "", invalidParameter("SSEType KMS is required if KMSMasterKeyId is specified")
	case isOff:
		return "", nil
	case key == "":
		key = "alias/aws/dynamodb"
	}
	if err := oneOf("sSESpecification.sSEType", s.SSEType, s.SSEType.Values()...); err != nil {
		return "", err
	}
	switch {
	case strings.HasPrefix(key, "arn:"):
		return key, nil
	case !strings.HasPrefix(key, "alias/"):
		key = "key/" + key
	}
	return "arn:aws:kms:" + region + ":" + account + ":" + key, nil
}

func checkTableClass(class types.TableClass) error {
	if class != "" && !slices.Contains(class.Values(), class) {
		return validation("Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS].")
	}
	return nil
}

// describeSettings adds the settings to the table's description.
func (t *table) describeSettings(d *types.TableDescription) {
	if t.Stream.Label != "" {
		d.LatestStreamLabel = &t.Stream.Label
		d.LatestStreamArn = aws.String(streamID{t.Name, t.Stream.Label}.arn())
	}
	if t.Stream.View != "" {
		d.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: t.Stream.View}
	}
	if t.Encryption != "" {
		d.SSEDescription = &types.SSEDescription{Status: types.SSEStatusEnabled, SSEType: types.SSETypeKms, KMSMasterKeyArn: &t.Encryption}
	}
	if t.Class != "" {
		d.TableClassSummary = &types.TableClassSummary{TableClass: t.Class}
		if !t.ClassSince.IsZero() {
			d.TableClassSummary.LastUpdateDateTime = &t.ClassSince
		}
	}
	d.OnDemandThroughput = t.OnDemand.describeLimit()
	warm := t.Warm.atLeast(t.BillingMode, t.Throughput)
	d.WarmThroughput = &types.TableWarmThroughputDescription{
		ReadUnitsPerSecond: &warm.Read, WriteUnitsPerSecond: &warm.Write, Status: types.TableStatusActive,
	}
}
