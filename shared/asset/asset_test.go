package asset_test

import (
	"testing"

	"darkroom/shared/asset"
)

func TestAnAssetSurvivesItsItem(t *testing.T) {
	want := asset.Asset{ContentType: "image/png", PreviewType: "image/jpeg", Width: 1024, Height: 768, Bytes: 12345, SHA256: "x"}
	if got := asset.FromItem(want.Item()); *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	if key, preview := want.Key("a", "t"), want.PreviewKey("a", "t"); key != "o/a/t/x.png" || preview != "p/a/t/x.jpg" {
		t.Errorf("it lies at %s and %s", key, preview)
	}
	if asset.FromItem(nil) != nil {
		t.Error("no item must be no asset")
	}
}

func TestStagedAttemptReadsBackWhatStagedKeyWrote(t *testing.T) {
	for _, attempt := range []int{1, 2, 20} {
		if got := asset.StagedAttempt(asset.StagedKey("tsk_A", attempt)); got != attempt {
			t.Errorf("attempt %d read back as %d", attempt, got)
		}
	}
	if got := asset.StagedAttempt("stage/tsk_A/other"); got != 0 {
		t.Errorf("a foreign key read as attempt %d, want 0", got)
	}
}
