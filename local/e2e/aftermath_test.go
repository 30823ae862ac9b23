package e2e

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/local/simulator"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow/invariant"
)

// dueIndexIsEmpty waits a little for the last objects to be erased.
func dueIndexIsEmpty(ctx context.Context) error {
	left := []transition.DueKey{}
	for range 60 {
		left = left[:0]
		for n := range task.Shards {
			keys, err := store.Due(ctx, transition.DueQuery{Shard: task.ShardName(n), Until: time.Now().AddDate(1, 0, 0).UnixMilli(), Limit: 100})
			if err != nil {
				return err
			}
			left = append(left, keys...)
		}
		if len(left) == 0 {
			return nil
		}
		time.Sleep(500 * time.Millisecond)
	}
	item, _ := store.Get(ctx, left[0].Key)
	return fmt.Errorf("%d are left, the first: %v %v", len(left), left[0].Key, item)
}

// queuesAreEmpty wants every message handled and deleted, and none given up. Workers that tests have killed could not delete theirs.
func queuesAreEmpty(ctx context.Context) error {
	client := sqs.NewFromConfig(info.AWS())
	for name, url := range info.Outputs {
		if !strings.HasSuffix(name, "QueueUrl") {
			continue
		}
		for try := 0; ; try++ {
			out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url,
				AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible}})
			if err != nil {
				return err
			}
			waiting, inFlight := out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"]
			left, err := strconv.ParseInt(inFlight, 10, 64)
			if err != nil {
				return err
			}
			if counter, some := killed.Load(name); some {
				left -= counter.(*atomic.Int64).Load()
			}
			if waiting == "0" && left <= 0 {
				break
			}
			if try == 100 {
				return fmt.Errorf("%s holds %s messages and %s that were received and never deleted", name, waiting, inFlight)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	return nil
}

// invariantsHold reads both tables whole and checks every rule on them.
func invariantsHold(ctx context.Context) error {
	tasks, err := scan(ctx, transition.Tasks)
	if err != nil {
		return err
	}
	ledger, err := scan(ctx, transition.Ledger)
	if err != nil {
		return err
	}
	return errors.Join(invariant.Check(tasks, ledger)...)
}

// callsAreCounted holds the simulator's records against what the tests asked for.
func callsAreCounted(ctx context.Context) error {
	calls, err := sim.Calls(ctx, simulator.Filter{Operation: simulator.Submit})
	if err != nil {
		return err
	}
	if calls.Forgotten > 0 {
		return fmt.Errorf("the simulator forgot %d calls; raise Keep", calls.Forgotten)
	}
	byPrompt := map[string]int{}
	for _, call := range calls.Calls {
		if call.Accepted {
			byPrompt[call.Prompt]++
		}
		if call.KeyLeaked {
			return fmt.Errorf("a key was sent where it does not belong: %+v", call)
		}
	}
	var wrong error
	undisturbed.Range(func(prompt, images any) bool {
		if byPrompt[prompt.(string)] != images.(int) {
			wrong = fmt.Errorf("%q: %d calls for %d images", prompt, byPrompt[prompt.(string)], images)
		}
		return wrong == nil
	})
	for prompt, n := range byPrompt {
		if _, calm := undisturbed.Load(prompt); !calm && n > 3*8 {
			return fmt.Errorf("%q: %d calls", prompt, n)
		}
	}
	return wrong
}

func scan(ctx context.Context, table transition.Table) (all []transition.Stored, err error) {
	err = store.Scan(ctx, table, func(stored transition.Stored) { all = append(all, stored) })
	return all, err
}
