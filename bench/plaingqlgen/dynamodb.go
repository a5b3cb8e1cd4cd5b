package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/bench/plaingqlgen/graph"
)

// usersOf returns what reads a user from a table of DynamoDB, by one GetItem. The SDK's own variables say where
// that is.
func usersOf(ctx context.Context, table string) (func(context.Context, string) (*graph.User, error), error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(cfg)
	return func(ctx context.Context, id string) (*graph.User, error) {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName:      aws.String(table),
			Key:            map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
			ConsistentRead: aws.Bool(true),
		})
		if err != nil || out.Item == nil {
			return nil, err
		}
		user := new(struct {
			ID        string `dynamodbav:"id"`
			Email     string `dynamodbav:"email"`
			FirstName string `dynamodbav:"firstName"`
			LastName  string `dynamodbav:"lastName"`
		})
		if err := attributevalue.UnmarshalMap(out.Item, user); err != nil {
			return nil, err
		}
		return &graph.User{ID: graph.UserID(user.ID), Email: user.Email, FirstName: user.FirstName, LastName: user.LastName}, nil
	}, nil
}
