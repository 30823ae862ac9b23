package bfl

import (
	"net/url"
	"testing"

	"darkroom/shared/provider"
)

func TestAJobIsAskedAboutInTheRegionThatItWasSentTo(t *testing.T) {
	for region, host := range map[string]string{"": "https://api.bfl.ai", "eu": "https://api.eu.bfl.ai", "us": "https://api.us.bfl.ai"} {
		d := New(Settings{Key: provider.FixedKey("key-1"), Region: region})
		if _, err := d.guard.Check(d.base + "/v1/flux-2-pro"); err != nil || d.base != host {
			t.Errorf("region %q: jobs are sent to %s (%v), want %s", region, d.base, err, host)
		}
		if got, want := d.statusURL(provider.Job{ID: "a b"}), host+"/v1/get_result?id=a+b"; got != want {
			t.Errorf("region %q: a job without an address is asked about at %s, want %s", region, got, want)
		}
		given := "https://api.eu2.bfl.ai/v1/get_result?id=x" // the cluster that has the job
		if got := d.statusURL(provider.Job{ID: "x", Handle: given}); got != given {
			t.Errorf("region %q: a job is asked about at %s, want %s as BFL said", region, got, given)
		}
		for _, elsewhere := range []string{"https://bfl.example.com/v1/get_result", "https://api.eu.bfl.ai.example.com/v1/get_result", "https://delivery.eu.bfl.ai/v1/get_result"} {
			if d.takesKey(elsewhere) {
				t.Errorf("region %q: the key would be sent to %s", region, elsewhere)
			}
		}
	}
}

func TestTheSimulatorStandsInForEveryRegion(t *testing.T) {
	simulator, err := url.Parse("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	for region := range Regions {
		if d := New(Settings{Region: region, Simulator: simulator}); d.base != "http://127.0.0.1:8080/bfl" {
			t.Errorf("region %q: stage local calls %s", region, d.base)
		}
	}
}
