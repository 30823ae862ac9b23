package dynamostore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"darkroom/shared/transition"
)

// Scan reads a whole table, item by item, in no order. For tests only: its cost grows with the table, and no function may.
func (s *Store) Scan(ctx context.Context, table transition.Table, each func(transition.Stored)) error {
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{TableName: s.table(table), ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("scan %s: %w", table, err)
		}
		for _, item := range page.Items {
			each(decode(table, item))
		}
	}
	return nil
}
