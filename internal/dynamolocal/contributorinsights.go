package dynamolocal

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// Contributor Insights are graphs of CloudWatch's, so they are always off here: told to be, and
// refused by name where they are to be enabled.

// describeContributorInsights is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContributorInsights.html
func (db *DB) describeContributorInsights(ctx context.Context, in *dynamodb.DescribeContributorInsightsInput) (*dynamodb.DescribeContributorInsightsOutput, error) {
	name, err := db.insightsOf(ctx, in.TableName, in.IndexName)
	return &dynamodb.DescribeContributorInsightsOutput{
		TableName: &name, IndexName: in.IndexName, ContributorInsightsStatus: types.ContributorInsightsStatusDisabled,
	}, err
}

// updateContributorInsights is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
func (db *DB) updateContributorInsights(ctx context.Context, in *dynamodb.UpdateContributorInsightsInput) (*dynamodb.UpdateContributorInsightsOutput, error) {
	if in.ContributorInsightsAction == "" {
		return nil, constraintOfNull("contributorInsightsAction")
	}
	if err := oneOf("contributorInsightsAction", in.ContributorInsightsAction, in.ContributorInsightsAction.Values()...); err != nil {
		return nil, err
	}
	name, err := db.insightsOf(ctx, in.TableName, in.IndexName)
	if err == nil && in.ContributorInsightsAction == types.ContributorInsightsActionEnable {
		err = unsupported("ContributorInsightsAction ENABLE")
	}
	return &dynamodb.UpdateContributorInsightsOutput{
		TableName: &name, IndexName: in.IndexName, ContributorInsightsStatus: types.ContributorInsightsStatusDisabled,
	}, err
}

// listContributorInsights is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListContributorInsights.html
// What never was enabled is not listed.
func (db *DB) listContributorInsights(ctx context.Context, in *dynamodb.ListContributorInsightsInput) (*dynamodb.ListContributorInsightsOutput, error) {
	if in.TableName != nil {
		if _, err := db.insightsOf(ctx, in.TableName, nil); err != nil {
			return nil, err
		}
	}
	return &dynamodb.ListContributorInsightsOutput{ContributorInsightsSummaries: []types.ContributorInsightsSummary{}}, nil
}

// insightsOf is the name of the table of a request, which must be there, and its index too.
func (db *DB) insightsOf(ctx context.Context, table, index *string) (string, error) {
	name, err := requiredTable(table)
	if err != nil {
		return "", err
	}
	return name, db.view(ctx, func(tx *bbolt.Tx) error {
		if !hasTable(tx, name) {
			return tableNotFound(name)
		}
		t, err := db.open(tx, name)
		if err == nil && index != nil && t.index(*index) == nil {
			err = &types.ResourceNotFoundException{
				Message: aws.String(fmt.Sprintf("Requested resource not found: Index: %s not found for table: %s", *index, name)),
			}
		}
		return err
	})
}
