package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/local/client"
	"darkroom/shared/asset"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// objectsOf lists every object of a task.
func objectsOf(t *testing.T, p *person, id string) (keys []string) {
	t.Helper()
	bucket := info.Outputs["BucketName"]
	client := s3.NewFromConfig(info.AWS(), func(o *s3.Options) { o.UsePathStyle = true })
	for _, prefix := range []string{asset.OriginalPrefix(p.account, id), asset.PreviewPrefix(p.account, id), asset.StagedPrefix(id)} {
		out, err := client.ListObjectsV2(p.ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix})
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range out.Contents {
			keys = append(keys, *object.Key)
		}
	}
	return keys
}

func TestADeletedTaskIsHiddenAndComesBackWithinTheUndoWindow(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	done := p.ended(p.create(calm(wish(t, syncModel, ""))).IDs()...)[0]
	if err := p.Delete(p.ctx, done.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Task(p.ctx, done.ID); problem(err).Status != http.StatusNotFound {
		t.Errorf("a deleted task is still shown: %v", err)
	}
	if list, err := p.List(p.ctx, nil); err != nil || len(list.Tasks) != 0 {
		t.Errorf("a deleted task is still listed: %v, %v", list, err)
	}
	if receipt, err := p.Receipt(p.ctx, done.ID); err != nil || receipt.Capture == nil {
		t.Errorf("what was paid is no longer told: %+v, %v", receipt, err)
	}
	if _, err := p.Restore(p.ctx, done.ID); err != nil {
		t.Fatal(err)
	}
	again, err := p.Task(p.ctx, done.ID)
	if err != nil || again.Asset == nil || again.Prompt == "" {
		t.Fatalf("restored as %+v, %v", again, err)
	}
	if image, err := client.Fetch(p.ctx, again.Asset.URL); err != nil || image.Status != http.StatusOK {
		t.Errorf("its image: %v", err)
	}
}

func TestADeletedTaskIsErasedToTheLastObjectAndThePrompt(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	done := p.ended(p.create(calm(wish(t, syncModel, ""))).IDs()...)[0]
	if got := objectsOf(t, p, done.ID); len(got) != 3 {
		t.Fatalf("objects %v, want original, preview and staged bytes", got)
	}
	if err := p.Delete(p.ctx, done.ID); err != nil {
		t.Fatal(err)
	}
	// The undo window is over: as if the deletion were longer ago.
	past := time.Now().Add(-30 * 24 * time.Hour).UnixMilli()
	put(t, task.Key(p.account, task.ID(done.ID)), transition.Set("deleted_at", transition.Const(past)), transition.Set("due", transition.Const(past)))
	until(t, p.ctx, "it is erased", func() bool { return p.item(done.ID).Flag("erased") })
	if got := objectsOf(t, p, done.ID); len(got) != 0 {
		t.Errorf("objects are left: %v", got)
	}
	item := p.item(done.ID)
	request, err := store.Get(p.ctx, task.RequestKey(p.account, item.Text("request")))
	if err != nil {
		t.Fatal(err)
	}
	for name, left := range map[string]any{"label": item.Get("label"), "asset": item.Get("asset"), "prompt": request.Get("prompt"), "params": request.Get("params")} {
		if left != nil {
			t.Errorf("%s is left: %v", name, left)
		}
	}
	if _, err := p.Restore(p.ctx, done.ID); problem(err).Status != http.StatusNotFound {
		t.Errorf("restored after it was erased: %v", err)
	}
	p.settled(signupGrant, 1)
}

func TestAFailedTaskLosesItsObjectsAndCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	w := wish(t, syncModel, "truncate=1")
	bad := p.ended(p.create(w).IDs()...)[0]
	p.expect(bad, failed, "output_unusable")
	until(t, p.ctx, "its objects are gone", func() bool { return p.item(bad.ID).Get("due") == nil })
	if got := objectsOf(t, p, bad.ID); len(got) != 0 {
		t.Errorf("objects are left: %v", got)
	}
	retried, err := p.Retry(p.ctx, bad.ID)
	if err != nil {
		t.Fatal(err)
	}
	done := p.ended(retried.IDs()...)[0]
	p.expect(done, completed, "")
	if done.ParentID != bad.ID || done.Prompt != w.Prompt {
		t.Errorf("retried as %+v", done)
	}
	p.settled(signupGrant, 1)
}
