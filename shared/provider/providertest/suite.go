// Package providertest is the conformance suite: what every driver must do against the simulator, whichever API it speaks.
// New behaviour of drivers goes in here first, so that every driver has it.
package providertest

import (
	"net/url"
	"testing"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

// Subject is a driver under test.
type Subject struct {
	// Name is the provider's name, in the catalogue and in the simulator.
	Name string
	// New makes the driver for a simulator's base address.
	New func(key provider.KeySource, simulator *url.URL) provider.Driver
	// Call is a small, valid call. The suite sets the prompt, the marker and the webhook.
	Call provider.Call
	// Jobs says that a submit makes a job, which is polled and ends in a link. Without it the submit answers with the image.
	Jobs bool
	// More are further small, valid calls, by what is special about them: one for each mode and kind of model that the driver
	// translates differently. The suite sets what it sets in Call.
	More map[string]provider.Call
	// NoImage is the class of a success without an image in a submit's answer; empty: Rejected. Without meaning for Jobs.
	NoImage provider.Class
	// Recorded are the provider's answers as it documents them, in testdata, by what the driver must make of them.
	Recorded Recordings
	// Signed says that a webhook proves its own body and when it was sent, so that its report counts.
	Signed bool
	// WebhookSecret is what the simulator signs with where an account has one secret for all its webhooks. Empty: the secret
	// that the call brings, or with Signed a key of the provider's whose public half anyone can fetch.
	WebhookSecret string
}

// Run tests a driver. It starts simulators on loopback and takes some seconds.
func Run(t *testing.T, subject Subject) {
	t.Run("Success", func(t *testing.T) { testSuccess(t, subject) })
	for name, call := range subject.More {
		other := subject
		other.Call = call
		t.Run("Success/"+name, func(t *testing.T) { testSuccess(t, other) })
	}
	t.Run("EveryModeOfTheCatalogueIsTried", func(t *testing.T) { testModes(t, subject) })
	t.Run("Refusals", func(t *testing.T) { testRefusals(t, subject) })
	t.Run("LostAnswers", func(t *testing.T) { testLostAnswers(t, subject) })
	t.Run("Questions", func(t *testing.T) { testQuestions(t, subject) })
	t.Run("Keys", func(t *testing.T) { testKeys(t, subject) })
	t.Run("Pictures", func(t *testing.T) { testPictures(t, subject) })
	if subject.Jobs {
		t.Run("Reports", func(t *testing.T) { testReports(t, subject) })
		t.Run("Links", func(t *testing.T) { testLinks(t, subject) })
	} else {
		t.Run("Answers", func(t *testing.T) { testAnswers(t, subject) })
	}
	t.Run("Webhooks", func(t *testing.T) { testWebhooks(t, subject) })
	t.Run("Cancel", func(t *testing.T) { testCancel(t, subject) })
	t.Run("Lookup", func(t *testing.T) { testLookup(t, subject) })
	t.Run("Recorded", func(t *testing.T) { testRecorded(t, subject) })
}

// rightKey is the key that the suite's simulators accept.
const rightKey = "sk-conformance-suite"

// bench is a running simulator with the driver before it.
type bench struct {
	*testing.T
	subject Subject
	driver  *provider.Provider
	fetcher *provider.Fetcher
	server  *simulator.Server
	address *url.URL // of the server
	control simulator.Client
}

// newBench starts a simulator whose client holds the given key.
func newBench(t *testing.T, subject Subject, key string) bench {
	t.Helper()
	server, err := simulator.Start(t.Context(), "127.0.0.1:0", simulator.Options{
		Keys:   map[string][]string{subject.Name: {rightKey}},
		Sample: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	driver := provider.New(subject.New(provider.FixedKey(key), address), provider.Settings{Simulator: address})
	return bench{
		T: t, subject: subject, driver: driver, server: server, address: address,
		fetcher: provider.NewFetcher(map[string][]string{subject.Name: driver.OutputHosts()}, address),
		control: simulator.Client{URL: server.URL},
	}
}

// call makes the subject's call with a prompt that orders faults; none when faults is empty.
func (b bench) call(faults string) provider.Call {
	call := b.subject.Call
	call.Prompt = b.Name()
	if faults != "" {
		call.Prompt += " [[sim: " + faults + "]]"
	}
	return call
}

// calls lists what the simulator saw of this test, newest first.
func (b bench) calls(operation simulator.Operation) simulator.Calls {
	b.Helper()
	found, err := b.control.Calls(b.Context(), simulator.Filter{Prompt: b.Name(), Operation: operation})
	if err != nil {
		b.Fatal(err)
	}
	return found
}

// submit hands over a call that must be taken.
func (b bench) submit(faults string) provider.Submission {
	b.Helper()
	made, err := b.driver.Submit(b.Context(), b.call(faults))
	if err != nil {
		b.Fatalf("submit with %q: %v, want success", faults, err)
	}
	return made
}

// image submits a call that must end well and returns its image, fetched where it comes as a link.
func (b bench) image(faults string) provider.Output {
	b.Helper()
	made := b.submit(faults)
	if made.Job == nil {
		return *made.Output
	}
	report := b.pollUntilFinal(*made.Job)
	if report.Output == nil {
		b.Fatalf("report = %+v, want a link", report)
	}
	raw, err := b.fetcher.Fetch(b.Context(), b.subject.Name, report.Output.URL, 64<<20)
	if err != nil {
		b.Fatalf("fetch: %v", err)
	}
	return provider.Output{Data: raw, ContentType: report.Output.ContentType}
}

// wantNoStrays checks that no redirect was followed to where nobody has business.
func (b bench) wantNoStrays() {
	b.Helper()
	seen, err := b.control.Calls(b.Context(), simulator.Filter{Operation: simulator.Stray})
	if err != nil || len(seen.Calls) > 0 {
		b.Errorf("%d calls came elsewhere (%v), the first %+v", len(seen.Calls), err, seen.Calls)
	}
}

// wantClass checks the class of an error; Ambiguous is also that of an error without one, and empty says that there must be no error.
func (b bench) wantClass(err error, want provider.Class) {
	b.Helper()
	if got := provider.ClassOf(err); got != want {
		b.Errorf("class = %q (%v), want %q", got, err, want)
	}
}
