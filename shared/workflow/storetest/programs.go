package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/shared/memstore"
	"darkroom/shared/transition"
)

// behavesLikeTheInterpreter runs random programs on the store under test and on an interpreter of the rows, and compares every answer and every item.
func behavesLikeTheInterpreter(t *testing.T, s Store, programs int) {
	applied, refusedOnes := 0, 0
	for n := range programs {
		random := rand.New(rand.NewPCG(uint64(n), 1))
		p := program{generator: generator{random, fmt.Sprintf("P#%d", n)}, t: t, tested: s, model: memstore.New()}
		p.run()
		applied, refusedOnes = applied+p.applied, refusedOnes+p.refused
		if t.Failed() {
			t.Fatalf("program %d differs", n)
		}
	}
	if applied < 2*programs || refusedOnes < 2*programs {
		t.Errorf("%d programs made %d writes and met %d refusals: too few of one to show anything", programs, applied, refusedOnes)
	}
}

type program struct {
	generator
	t       *testing.T
	tested  Store
	model   *memstore.Store
	keys    []transition.Key
	applied int
	refused int
}

const (
	programKeys  = 5
	programSteps = 12
)

func (p *program) run() {
	for i := range programKeys {
		table := []transition.Table{transition.Tasks, transition.Tasks, transition.Ledger}[i%3]
		p.keys = append(p.keys, transition.Key{Table: table, PK: p.shard, SK: fmt.Sprintf("T#%d", i)})
	}
	for range programSteps {
		if p.random.IntN(3) > 0 {
			p.one()
		} else {
			p.set()
		}
	}
	p.compareItems()
}

// one makes a single change.
func (p *program) one() {
	w := p.write(p.keys[p.random.IntN(len(p.keys))])
	got, gotErr := p.tested.Update(context.Background(), w)
	want, wantErr := p.model.Update(context.Background(), w)
	if !same(got, want) {
		p.t.Errorf("%s\nanswers %v\nwant    %v", describe(w), got, want)
	}
	p.compareErrors(describe(w), gotErr, wantErr)
}

// set makes up to four changes together.
func (p *program) set() {
	var writes []transition.Write
	text := "together:"
	for _, at := range p.random.Perm(len(p.keys))[:1+p.random.IntN(4)] {
		w := p.write(p.keys[at])
		writes = append(writes, w)
		text += "\n" + describe(w)
	}
	p.compareErrors(text, p.tested.Transact(context.Background(), writes...), p.model.Transact(context.Background(), writes...))
}

func (p *program) write(key transition.Key) transition.Write {
	now, _ := p.model.Get(context.Background(), key) // never fails
	if now == nil && p.random.IntN(4) > 0 || p.random.IntN(8) == 0 {
		return transition.Write{Key: key, Put: p.item()}
	}
	row := rows[p.random.IntN(len(rows))]
	return transition.Write{Key: key, Row: row, Args: p.args(row, now)}
}

func (p *program) compareErrors(what string, got, want error) {
	p.t.Helper()
	var gotRefused, wantRefused *transition.RefusedError
	if errors.As(want, &wantRefused) != errors.As(got, &gotRefused) || (got == nil) != (want == nil) {
		p.t.Errorf("%s\nends with %v\nwant      %v", what, got, want)
		return
	}
	if want == nil {
		p.applied++
		return
	}
	p.refused++
	equal := func(a, b transition.Refusal) bool { return a.Index == b.Index && a.Key == b.Key && same(a.Old, b.Old) }
	if !slices.EqualFunc(gotRefused.Refusals, wantRefused.Refusals, equal) {
		p.t.Errorf("%s\nis refused by %+v\nwant          %+v", what, gotRefused.Refusals, wantRefused.Refusals)
	}
}

// compareItems compares everything that the program left behind, also as the queries show it.
func (p *program) compareItems() {
	ctx := context.Background()
	got, err := p.tested.GetAll(ctx, p.keys...)
	must(p.t, err)
	want, _ := p.model.GetAll(ctx, p.keys...) // never fails
	for i := range p.keys {
		if !same(got[i], want[i]) {
			p.t.Errorf("%s holds %v\nwant %v", p.keys[i], got[i], want[i])
		}
	}
	for _, table := range []transition.Table{transition.Tasks, transition.Ledger} {
		q := transition.Query{Table: table, PK: p.keys[0].PK, Prefix: "T#", Below: fmt.Sprintf("T#%d", p.random.IntN(programKeys+1)), Limit: 1 + p.random.IntN(programKeys)}
		got, err := p.tested.Query(ctx, q)
		must(p.t, err)
		want, _ := p.model.Query(ctx, q) // never fails
		equal := func(a, b transition.Stored) bool { return a.Key == b.Key && same(a.Item, b.Item) }
		if !slices.EqualFunc(got, want, equal) {
			p.t.Errorf("%+v\nfinds %v\nwant  %v", q, got, want)
		}
	}
}

func describe(w transition.Write) string {
	if w.Row == nil {
		return fmt.Sprintf("put %s %v", w.Key, w.Put)
	}
	return fmt.Sprintf("%s of %s with %v", w.Row.ID, w.Key, w.Args)
}
