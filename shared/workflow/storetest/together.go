package storetest

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow"
)

// together runs n calls at the same time.
func together(n int, call func(i int)) {
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	all.Wait()
}

func oneKeyMakesOneRequest(t *testing.T, s Store) {
	const calls, images = 50, 4
	c := creator(s, 1000, 100)
	answers, errs := make([]*workflow.Created, calls), make([]error, calls)
	together(calls, func(i int) {
		answers[i], errs[i] = c.Create(context.Background(), account("a"), "the key", wish(images))
	})
	fresh := 0
	for i, got := range answers {
		must(t, errs[i])
		if !got.Replayed {
			fresh++
		}
		if got.Request.ID != answers[0].Request.ID || !reflect.DeepEqual(got.Request.Tasks, answers[0].Request.Tasks) || len(got.Tasks) != images {
			t.Errorf("call %d answers request %s with tasks %v, call 0 request %s with %v", i, got.Request.ID, got.Request.Tasks, answers[0].Request.ID, answers[0].Request.Tasks)
		}
		for j, made := range got.Tasks {
			if made.ID != got.Request.Tasks[j] || made.Cost != taskCost {
				t.Errorf("call %d: task %d is %s and costs %d", i, j, made.ID, made.Cost)
			}
		}
	}
	if fresh != 1 {
		t.Errorf("%d calls made something new, want 1", fresh)
	}
	if n := count(entries(t, s, account("a")), credit.KindHold); n != images {
		t.Errorf("%d holds, want one per image: %d", n, images)
	}
	if b := balance(t, s, account("a")); b.Held != images*taskCost || b.Available != 1000-images*taskCost || b.Slots != 100-images {
		t.Errorf("the balance is %+v", b)
	}
	_, err := c.Create(context.Background(), account("a"), "the key", wish(images-1))
	if code := fault.CodeOf(err); code != fault.IdempotencyMismatch {
		t.Errorf("another wish with the same key: got %v, want %s", err, fault.IdempotencyMismatch)
	}
}

// refusals counts the codes of the calls that were refused; other errors fail the test.
func refusals(t *testing.T, errs []error) map[fault.Code]int {
	t.Helper()
	codes := map[fault.Code]int{}
	for i, err := range errs {
		var refused *fault.Error
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("call %d: %v", i, err)
		}
		if err != nil {
			codes[refused.Code]++
		}
	}
	return codes
}

func theLastCreditsAreSpentOnce(t *testing.T, s Store) {
	const calls = 10
	c := creator(s, taskCost, 100)
	errs := make([]error, calls)
	together(calls, func(i int) { _, errs[i] = c.Create(context.Background(), account("a"), "", wish(1)) })
	if codes := refusals(t, errs); codes[fault.InsufficientCredits] != calls-1 || len(codes) != 1 {
		t.Errorf("refused %v, want %d of %s", codes, calls-1, fault.InsufficientCredits)
	}
	if b := balance(t, s, account("a")); b.Available != 0 || b.Held != taskCost {
		t.Errorf("the balance is %+v", b)
	}
	if all := entries(t, s, account("a")); count(all, credit.KindHold) != 1 || len(all) != 2 {
		t.Errorf("the ledger is %+v, want the grant and one hold", all)
	}
}

func theLastSlotIsTakenOnce(t *testing.T, s Store) {
	const calls = 10
	c := creator(s, 1000, 2)
	errs := make([]error, calls)
	together(calls, func(i int) { _, errs[i] = c.Create(context.Background(), account("a"), "", wish(1)) })
	if codes := refusals(t, errs); codes[fault.TooManyActive] != calls-2 || len(codes) != 1 {
		t.Errorf("refused %v, want %d of %s", codes, calls-2, fault.TooManyActive)
	}
	if b := balance(t, s, account("a")); b.Slots != 0 || b.Held != 2*taskCost {
		t.Errorf("the balance is %+v", b)
	}
}

func anAccountIsOpenedOnce(t *testing.T, s Store) {
	c := creator(s, 20, 5)
	errs := make([]error, 20)
	together(len(errs), func(i int) { _, errs[i] = c.Accounts.Balance(context.Background(), account("a")) })
	for _, err := range errs {
		must(t, err)
	}
	if b := balance(t, s, account("a")); b.Available != 20 || b.Granted != 20 || b.Slots != 5 {
		t.Errorf("the balance is %+v", b)
	}
	if all := entries(t, s, account("a")); len(all) != 1 || all[0].Kind != credit.KindGrant || all[0].Amount != 20 {
		t.Errorf("the ledger is %+v, want one grant", all)
	}
}

// ofTwoFinishersOneSettles lets two steps end the same task: twice the same way, or one with the image and one with the credits back.
func ofTwoFinishersOneSettles(t *testing.T, s Store, races int) {
	for i, made := range seedMany(t, s, races) {
		finishers := []task.Event{task.Stored{}, task.Stored{}}
		if i%2 == 1 {
			finishers[1] = task.ForcedRelease{By: "op", Why: "race"}
		}
		errs := make([]error, 2)
		together(2, func(j int) { errs[j] = s.Transact(context.Background(), moveOf(made, finishers[j]).Writes()...) })
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("race %d: the answers are %v and %v, want one of each", i, errs[0], errs[1])
		}
		lost := errs[0]
		if lost == nil {
			lost = errs[1]
		}
		if part := refusal(t, lost).Of(task.TaskPart); part == nil || !task.From(made.Key(), part.Old).State.Terminal() {
			t.Fatalf("race %d: the loser met %+v, want the task as it ended", i, part)
		}
	}
	var captured, released int
	for _, letter := range raceAccounts(races) {
		all := entries(t, s, account(letter))
		holds, captures, releases := count(all, credit.KindHold), count(all, credit.KindCapture), count(all, credit.KindRelease)
		if captures+releases != holds {
			t.Errorf("%d tasks have %d settle entries", holds, captures+releases)
		}
		b := balance(t, s, account(letter))
		if b.Held != 0 || b.Spent != int64(captures*taskCost) || b.Available != int64(releases*taskCost) || b.Slots != b.Limit {
			t.Errorf("%d captures, %d releases, and the balance is %+v", captures, releases, b)
		}
		captured, released = captured+captures, released+releases
	}
	if captured+released != races || captured < races/2 {
		t.Errorf("%d captures and %d releases in %d races", captured, released, races)
	}
}

// CreatesOnOneAccount makes that many requests at once on one account that can pay for all of them, and fails the test unless every one is accepted and
// held once. For stores whose engine was told to be difficult.
func CreatesOnOneAccount(t *testing.T, s Store, calls int) {
	t.Helper()
	c := creator(s, int64(calls*taskCost), int64(calls))
	errs := make([]error, calls)
	together(calls, func(i int) { _, errs[i] = c.Create(context.Background(), account("a"), "", wish(1)) })
	for _, err := range errs {
		must(t, err)
	}
	if b := balance(t, s, account("a")); b.Available != 0 || b.Held != int64(calls*taskCost) || b.Slots != 0 {
		t.Errorf("after %d creates the balance is %+v", calls, b)
	}
	if n := count(entries(t, s, account("a")), credit.KindHold); n != calls {
		t.Errorf("%d holds for %d creates", n, calls)
	}
}

// perAccount is how many tasks of one account fit into one transaction with their holds.
const perAccount = 40

func raceAccounts(races int) (letters []string) {
	for n := 0; n < races; n += perAccount {
		letters = append(letters, "race "+string(rune('A'+n/perAccount)))
	}
	return letters
}

func seedMany(t *testing.T, s Store, races int) (tasks []*task.Task) {
	t.Helper()
	for _, letter := range raceAccounts(races) {
		tasks = append(tasks, seed(t, s, letter, task.Storing, min(perAccount, races-len(tasks)))...)
	}
	return tasks
}

func eightTasksSettleAtOnce(t *testing.T, s Store) {
	tasks := seed(t, s, "a", task.Storing, 8)
	errs := make([]error, len(tasks))
	together(len(tasks), func(i int) {
		event := task.Event(task.Stored{})
		if i == 3 {
			event = task.ForcedRelease{By: "op", Why: "one of eight"}
		}
		errs[i] = s.Transact(context.Background(), moveOf(tasks[i], event).Writes()...)
	})
	for _, err := range errs {
		must(t, err)
	}
	if b := balance(t, s, account("a")); b.Held != 0 || b.Spent != 7*taskCost || b.Available != taskCost || b.Slots != 8 {
		t.Errorf("seven captures and one release left %+v", b)
	}
}

func aMoveMadeAgainChangesNothing(t *testing.T, s Store) {
	ctx := context.Background()
	for i, event := range []task.Event{task.Stored{}, task.ForcedRelease{By: "op", Why: "again"}} {
		made := seed(t, s, string(rune('a'+i)), task.Storing, 1)[0]
		writes := moveOf(made, event).Writes()
		must(t, s.Transact(ctx, writes...))
		after, err := s.GetAll(ctx, writes[0].Key, writes[1].Key, writes[2].Key)
		must(t, err)
		for range 100 {
			refused := refusal(t, s.Transact(ctx, writes...))
			if refused.Of(task.TaskPart) == nil || refused.Of(task.SettlePart) == nil {
				t.Fatalf("%T again: refused %v, want the task and the settle entry to refuse it", event, refused)
			}
		}
		for j, write := range writes {
			holds(t, s, write.Key, after[j])
		}
	}
	// Each of the money guards refuses by itself: without the task's own condition the settle entry does, and without both the balance.
	made := seed(t, s, "c", task.Storing, 1)[0]
	writes := moveOf(made, task.Stored{}).Writes()
	must(t, s.Transact(ctx, writes...))
	refusal(t, s.Transact(ctx, writes[task.BalancePart], writes[task.SettlePart]))
	refusal(t, s.Transact(ctx, writes[task.BalancePart]))
	holds(t, s, credit.BalanceKey(made.Account), transition.Item{"state": "open", "available": int64(0), "held": int64(0), "spent": int64(taskCost),
		"granted": int64(taskCost), "withdrawn": int64(0), "slots": int64(1), "limit": int64(1), "v": int64(1)})
}
