package dynamostore

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"darkroom/shared/transition"
)

// encode writes an item with its key, in DynamoDB's form.
func encode(key transition.Key, item transition.Item) map[string]types.AttributeValue {
	out := encodeKey(key)
	for name, value := range item {
		out[name] = encodeValue(value)
	}
	return out
}

func encodeKey(key transition.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: key.PK}, "sk": &types.AttributeValueMemberS{Value: key.SK}}
}

func encodeValue(value any) types.AttributeValue {
	switch v := value.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case int64:
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v, 10)}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case []string:
		list := make([]types.AttributeValue, len(v))
		for i, s := range v {
			list[i] = &types.AttributeValueMemberS{Value: s}
		}
		return &types.AttributeValueMemberL{Value: list}
	case transition.Item:
		sub := make(map[string]types.AttributeValue, len(v))
		for name, value := range v {
			sub[name] = encodeValue(value)
		}
		return &types.AttributeValueMemberM{Value: sub}
	}
	panic(fmt.Sprintf("dynamostore: a value of type %T cannot be stored", value))
}

// decode reads an item and its key. An attribute of a kind we never write (a newer version might) is left out.
func decode(table transition.Table, in map[string]types.AttributeValue) transition.Stored {
	item := decodeMap(in)
	key := transition.Key{Table: table, PK: item.Text("pk"), SK: item.Text("sk")}
	delete(item, "pk")
	delete(item, "sk")
	return transition.Stored{Key: key, Item: item}
}

func decodeMap(in map[string]types.AttributeValue) transition.Item {
	item := make(transition.Item, len(in))
	for name, value := range in {
		if v := decodeValue(value); v != nil {
			item[name] = v
		}
	}
	return item
}

func decodeValue(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil {
			return n
		}
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberL:
		list := make([]string, 0, len(v.Value))
		for _, entry := range v.Value {
			if s, ok := entry.(*types.AttributeValueMemberS); ok {
				list = append(list, s.Value)
			}
		}
		return list
	case *types.AttributeValueMemberM:
		return decodeMap(v.Value)
	}
	return nil
}
