package dynamolocal

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// The point in time recovery is a setting: it is kept and described, but nothing can be restored here,
// so no times are told that one could restore.

// maxRecoveryDays is how many days can be restored, and are where nothing else is asked for.
const maxRecoveryDays = 35

// describeContinuousBackups is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
func (db *DB) describeContinuousBackups(ctx context.Context, in *dynamodb.DescribeContinuousBackupsInput) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	name, err := requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DescribeContinuousBackupsOutput{}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		if !hasTable(tx, name) {
			return backupTableNotFound(name)
		}
		t, err := db.open(tx, name)
		if err == nil {
			out.ContinuousBackupsDescription = t.describeBackups()
		}
		return err
	})
	return out, err
}

// updateContinuousBackups is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
func (db *DB) updateContinuousBackups(ctx context.Context, in *dynamodb.UpdateContinuousBackupsInput) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	name, err := requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	days, err := recoveryDays(in.PointInTimeRecoverySpecification)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.UpdateContinuousBackupsOutput{}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		if !hasTable(tx, name) {
			return backupTableNotFound(name)
		}
		old, err := db.open(tx, name)
		if err != nil {
			return err
		}
		t := *old.table
		t.RecoveryDays = days
		out.ContinuousBackupsDescription = t.describeBackups()
		return t.save(old.bucket)
	})
	return out, err
}

// recoveryDays is what a request sets: 0 to disable it.
func recoveryDays(s *types.PointInTimeRecoverySpecification) (int32, error) {
	const parameter = "pointInTimeRecoverySpecification"
	switch {
	case s == nil:
		return 0, constraintOfNull(parameter)
	case s.PointInTimeRecoveryEnabled == nil:
		return 0, constraintOfNull(parameter + ".pointInTimeRecoveryEnabled")
	}
	days := int32(maxRecoveryDays)
	if s.RecoveryPeriodInDays != nil {
		days = *s.RecoveryPeriodInDays
	}
	value := strconv.Itoa(int(days))
	switch {
	case days < 1:
		return 0, constraint(value, parameter+".recoveryPeriodInDays", "Member must have value greater than or equal to 1")
	case days > maxRecoveryDays:
		return 0, constraint(value, parameter+".recoveryPeriodInDays", "Member must have value less than or equal to %d", maxRecoveryDays)
	case *s.PointInTimeRecoveryEnabled:
		return days, nil
	case s.RecoveryPeriodInDays != nil:
		return 0, validation("Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.")
	}
	return 0, nil
}

func (t *table) describeBackups() *types.ContinuousBackupsDescription {
	d := &types.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: types.PointInTimeRecoveryStatusDisabled}
	if t.RecoveryDays > 0 {
		d.PointInTimeRecoveryStatus, d.RecoveryPeriodInDays = types.PointInTimeRecoveryStatusEnabled, &t.RecoveryDays
	}
	return &types.ContinuousBackupsDescription{
		ContinuousBackupsStatus: types.ContinuousBackupsStatusEnabled, PointInTimeRecoveryDescription: d,
	}
}

func backupTableNotFound(name string) error {
	return &types.TableNotFoundException{Message: aws.String("Table not found: " + name)}
}
