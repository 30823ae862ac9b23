package simtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/workflow"
)

// act does one thing: lets a process go on, kills one, begins one, or lets time pass.
func (s *sim) act() {
	if len(s.processes) > 0 && s.random.IntN(10) < 7 {
		p := s.processes[s.random.IntN(len(s.processes))]
		if p.slow && s.random.IntN(8) > 0 { // others overtake it
			p = s.processes[s.random.IntN(len(s.processes))]
		}
		s.resume(p)
		return
	}
	switch draw := s.random.IntN(100); {
	case draw < 20:
		s.pass()
	case draw < 32:
		s.beginSweep()
	case draw < 70:
		s.beginHint()
	case draw < 84:
		s.beginWebhook()
	case draw < 86 && len(s.processes) > 0:
		s.trace("kill")
		s.kill(s.processes[s.random.IntN(len(s.processes))])
	default:
		s.beginUser()
	}
}

// pass lets time pass: usually seconds, sometimes past a lease, now and then past a deadline.
func (s *sim) pass() {
	longest := []time.Duration{5 * time.Second, 40 * time.Second, 4 * time.Minute, 15 * time.Minute}[min(s.random.IntN(4), s.random.IntN(4), s.random.IntN(8))]
	s.clock.Add(time.Duration(s.random.Int64N(int64(longest))))
}

// beginSweep starts a sweep, of which some have read the items a while ago.
func (s *sim) beginSweep() {
	m := s.machines[s.random.IntN(len(s.machines))]
	p := s.start("sweep", false, func(ctx context.Context) error { _, err := m.sweeper.Sweep(ctx); return err }, nil)
	if s.random.IntN(2) == 0 {
		// It has read and decided; before it writes, others go on for a while. Those are the steps until it is resumed, so what it reads is now.
		p.stale = maps.Clone(s.items)
		return
	}
	s.resume(p)
}

// due is the index of something on its way that has arrived, -1 if there is none.
func (s *sim) due(from []posted) int {
	var arrived []int
	for i, each := range from {
		if !each.at.After(s.clock.Now()) {
			arrived = append(arrived, i)
		}
	}
	if len(arrived) == 0 {
		return -1
	}
	at := arrived[s.random.IntN(len(arrived))]
	for range 3 { // ten hints to ask come with every job; the others shall have their turn
		if from[at].message.Queue == task.PollQueue {
			at = arrived[s.random.IntN(len(arrived))]
		}
	}
	return at
}

// receive takes something that has arrived, unless it is lost on the way; some things arrive twice.
func (s *sim) receive(from *[]posted) (posted, bool) {
	if len(*from) == 0 {
		return posted{}, false
	}
	sortPosted(*from)
	at := s.due(*from)
	if at < 0 {
		return posted{}, false
	}
	taken := s.take(from, at)
	if s.random.Float64() < s.faults.Double {
		again := taken
		again.at = s.clock.Now().Add(time.Duration(s.random.Int64N(int64(10 * time.Minute))))
		*from = append(*from, again)
	}
	return taken, s.random.Float64() >= s.faults.Lose
}

// beginHint hands a message to the step it is for. A step that fails gets it again, or never.
func (s *sim) beginHint() {
	next, arrived := s.receive(&s.messages)
	if !arrived {
		return
	}
	m := s.machines[s.random.IntN(len(s.machines))]
	name := fmt.Sprintf("%s %s", next.message.Queue, next.message.Task[22:])
	s.start(name, true, func(ctx context.Context) error { return s.handle(ctx, m, next.message) }, func(err error) {
		if err != nil && s.random.Float64() >= s.faults.Lose {
			s.post(next.message, time.Minute)
		}
	})
}

func (s *sim) handle(ctx context.Context, m machine, message task.Message) error {
	switch message.Queue {
	case task.PollQueue:
		return m.poller.Poll(ctx, message)
	case task.StoreQueue:
		return m.storer.StoreTask(ctx, message)
	}
	return m.submitter.Submit(ctx, message)
}

// beginWebhook brings a delivery: signed, unsigned or forged.
func (s *sim) beginWebhook() {
	next, arrived := s.receive(&s.webhooks)
	if !arrived {
		return
	}
	m := s.machines[s.random.IntN(len(s.machines))]
	secret := []string{next.call.Webhook.Secret, next.call.Webhook.Secret, "", "forged"}[s.random.IntN(4)]
	header, body := Delivery(secret, next.words...)
	s.start("webhook", true, func(ctx context.Context) error { return m.receiver.Receive(ctx, "bfl", next.call.Marker, header, body) }, func(err error) {
		if errors.Is(err, workflow.ErrNotProven) != (secret == "forged") {
			s.told = append(s.told, fmt.Errorf("21 bad webhook is silent: a delivery signed with %q ended with %v", secret, err))
		}
	})
}

// beginUser does something that a user or an operator does.
func (s *sim) beginUser() {
	m := s.machines[s.random.IntN(len(s.machines))]
	account := []string{Alice, Bob}[s.random.IntN(2)]
	id := s.someTask(account)
	draw := s.random.IntN(12)
	if id == "" {
		draw = 0
	}
	key := fmt.Sprint("key ", s.random.IntN(6))
	wish := Wish([]string{JobModel, JobModel, AtOnceModel}[s.random.IntN(3)], 1+s.random.IntN(2))
	amount, on := int64(s.random.IntN(30)-10), s.random.IntN(3) > 0
	s.start("user", true, func(ctx context.Context) (err error) {
		switch draw {
		default:
			_, err = m.creator.Create(ctx, account, key, wish)
		case 5:
			_, err = m.tasks.Cancel(ctx, account, id)
		case 6:
			err = m.tasks.Delete(ctx, account, id)
		case 7:
			_, err = m.tasks.Restore(ctx, account, id)
		case 8:
			_, err = m.tasks.Retry(ctx, account, key, id)
		case 9:
			_, err = m.operators.Release(ctx, account, id, "op", "asked for")
		case 10:
			_, _, err = m.operators.Grant(ctx, account, key, "reason", "op", amount|1)
		case 11:
			_, err = m.operators.Switch(ctx, "bfl", on, "op", "reason")
		}
		return err
	}, func(err error) {
		if err != nil && fault.CodeOf(err) == fault.Internal && !errors.Is(err, ErrLost) {
			s.told = append(s.told, fmt.Errorf("a user's call failed for no reason of theirs: %w", err))
		}
	})
}

// someTask picks a task of an account; "" if it has none.
func (s *sim) someTask(account string) task.ID {
	var ids []task.ID
	for key := range s.items {
		if owner, id, ok := task.OfKey(key); ok && owner == account {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	slices.Sort(ids)
	return ids[s.random.IntN(len(ids))]
}

// switchAll turns every provider on again.
func (s *sim) switchAll(ctx context.Context, m machine) error {
	_, err := m.operators.Switch(ctx, "bfl", true, "op", "peace")
	return err
}
