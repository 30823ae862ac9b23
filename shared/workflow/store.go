package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"darkroom/shared/asset"
	"darkroom/shared/moderation"
	"darkroom/shared/picture"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// MaxOutput is the largest image we bring home, in bytes.
const MaxOutput = 50 << 20

// Objects is our bucket, as the store step uses it.
type Objects interface {
	// PutAsset writes an object unless its key is taken, which is fine: keys name their content. fileName is what a download is called.
	PutAsset(ctx context.Context, key string, data []byte, contentType, fileName string) error
	// Get reads an object of at most limit bytes.
	Get(ctx context.Context, key string, limit int64) ([]byte, error)
	// DeletePrefix removes every object below a prefix.
	DeletePrefix(ctx context.Context, prefix string) error
}

// Fetcher fetches a provider's output. It tells a dead link (provider.ErrGone), and what will never do (provider.ErrTooLarge,
// provider.ErrForbiddenURL), from what another try may bring.
type Fetcher interface {
	Fetch(ctx context.Context, providerName, url string, limit int64) ([]byte, error)
}

// Storer brings outputs home and settles. Trigger: a hint on the Store queue.
type Storer struct {
	*Engine
	Objects   Objects
	Fetcher   Fetcher
	Screening Screening
}

// StoreTask takes one try at storing a task's output, or erases what is to be erased.
func (s *Storer) StoreTask(ctx context.Context, m task.Message) error {
	lease := s.NewID()
	blind := &task.Task{Account: m.Account, ID: m.Task} // the usual case needs no read: the first write brings the task
	done, err := s.carryOut(ctx, blind, task.Decision{Move: s.Rules.TryStore(m.Account, m.Task, lease, s.Now())})
	if err != nil {
		return err
	}
	if done.counted {
		return s.bringHome(ctx, done.task, lease)
	}
	if done.task == blind {
		return nil // no such task
	}
	d := s.decide(done.task, task.StoreHint{LeaseID: lease})
	done, err = s.carryOut(ctx, done.task, d)
	if err != nil || !done.counted {
		return err
	}
	switch d.Then {
	case task.FetchOutput:
		return s.bringHome(ctx, done.task, lease)
	case task.EraseObjects:
		return s.erase(ctx, done.task)
	}
	return nil
}

// bringHome does one try, within the time of its lease, and writes down how it ended.
func (s *Storer) bringHome(ctx context.Context, t *task.Task, lease string) error {
	stepCtx, cancel := context.WithDeadline(ctx, task.Time(t.LeaseUntil).Add(-s.Rules.StoreLease/6))
	defer cancel()
	started := s.Now()
	stored, err := s.copy(stepCtx, t)
	switch {
	case errors.Is(err, errFlagged): // the screen has told the log
		return s.report(ctx, t, task.Unusable{LeaseID: lease, Moderated: true})
	case errors.Is(err, picture.ErrUnusable), errors.Is(err, provider.ErrTooLarge), errors.Is(err, provider.ErrForbiddenURL):
		s.Log.Warn("output cannot be used", "task_id", t.ID, "account", t.Account, "attempt", t.Win, "error", err)
		return s.report(ctx, t, task.Unusable{LeaseID: lease})
	case err != nil:
		s.Log.Warn("store try failed", "task_id", t.ID, "account", t.Account, "attempt", t.Win, "try", t.StoreTries, "error", err)
		return s.report(ctx, t, task.StoreFailed{LeaseID: lease, DeadLink: errors.Is(err, provider.ErrGone), HeldBack: errors.Is(err, errHeldBack)})
	}
	s.Metrics.Count("StoreSeconds", s.Now().Sub(started).Seconds(), "Provider", t.Attempts[t.Win].Provider)
	s.Metrics.Count("StoredBytes", float64(stored.Bytes))
	return s.report(ctx, t, task.Stored{Asset: *stored})
}

// copy fetches, checks and writes one image: the original as it came, and a preview. Nothing of it is referred to before both are written, and nothing is
// written before the screen has seen it, small as the preview is.
func (s *Storer) copy(ctx context.Context, t *task.Task) (*asset.Asset, error) {
	data, info, preview, err := s.look(ctx, t)
	if err != nil {
		return nil, err
	}
	var seen moderation.Content
	for _, view := range preview.Views {
		seen.Images = append(seen.Images, moderation.Image{ContentType: "image/jpeg", Data: view})
	}
	if err := s.screen(ctx, t, s.Screening, screenedOutput, seen); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	a := &asset.Asset{ContentType: info.ContentType, PreviewType: preview.ContentType, Width: info.Width, Height: info.Height, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	id := string(t.ID)
	if err := s.Objects.PutAsset(ctx, a.Key(t.Account, id), data, info.ContentType, asset.FileName(id, info.ContentType)); err != nil {
		return nil, fmt.Errorf("write the original: %w", err)
	}
	if err := s.Objects.PutAsset(ctx, a.PreviewKey(t.Account, id), preview.Data, preview.ContentType, asset.FileName(id, preview.ContentType)); err != nil {
		return nil, fmt.Errorf("write the preview: %w", err)
	}
	return a, nil
}

// look fetches an output and decodes it, and leaves the time for its screen.
func (s *Storer) look(ctx context.Context, t *task.Task) ([]byte, picture.Info, picture.Preview, error) {
	ctx, cancel := reserve(ctx, s.Rules.StoreLease, context.DeadlineExceeded)
	defer cancel()
	data, err := s.output(ctx, t)
	if err != nil {
		return nil, picture.Info{}, picture.Preview{}, err
	}
	info, err := picture.Inspect(data)
	if err != nil {
		return nil, picture.Info{}, picture.Preview{}, err
	}
	preview, err := picture.MakePreview(ctx, data, info)
	return data, info, preview, err
}

func (s *Storer) output(ctx context.Context, t *task.Task) ([]byte, error) {
	if t.Source.Staged != "" {
		return s.Objects.Get(ctx, t.Source.Staged, MaxOutput)
	}
	return s.Fetcher.Fetch(ctx, t.Attempts[t.Win].Provider, t.Source.URL, MaxOutput)
}

// eraseTries bounds how often the rows are written again because another task of the same request was erased meanwhile.
const eraseTries = 5

// erase removes a task's objects, then what its rows say of the content. It may be begun again at any point.
func (s *Storer) erase(ctx context.Context, t *task.Task) error {
	id := string(t.ID)
	for _, prefix := range []string{asset.OriginalPrefix(t.Account, id), asset.PreviewPrefix(t.Account, id), asset.StagedPrefix(id)} {
		if err := s.Objects.DeletePrefix(ctx, prefix); err != nil {
			return fmt.Errorf("erase %s: %w", t.ID, err)
		}
	}
	for try := range eraseTries {
		now, request, err := s.readErasing(ctx, t)
		if err != nil || now == nil {
			return err
		}
		d := s.decide(now, task.Erased{Live: int(request.Int("live"))})
		done, err := s.carryOut(ctx, now, d)
		if err != nil {
			return err
		}
		if done.counted {
			return nil
		}
		time.Sleep(time.Duration(try) * 50 * time.Millisecond)
	}
	return fmt.Errorf("erase %s: its request keeps changing", t.ID)
}

func (s *Storer) readErasing(ctx context.Context, t *task.Task) (*task.Task, transition.Item, error) {
	items, err := s.Store.GetAll(ctx, t.Key(), task.RequestKey(t.Account, t.Request))
	if err != nil || items[0] == nil {
		return nil, nil, err
	}
	return task.From(t.Key(), items[0]), items[1], nil
}
