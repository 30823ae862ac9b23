package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// signature is the part of a link that is another one each time.
var signature = regexp.MustCompile(`Signature=[A-Za-z0-9_~-]+`)

// golden compares an answer with a file in testdata, or writes the file anew.
func golden(t *testing.T, name string, got answer) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, signature.ReplaceAll(got.body, []byte("Signature=…")), "", "  "); err != nil {
		t.Fatal(err)
	}
	shown := append(bytes.TrimSpace(indented.Bytes()), '\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, shown, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run: make golden", err)
	}
	if !bytes.Equal(kept, shown) {
		t.Errorf("%s has changed; if that is wanted, run make golden and review the difference\ngot:\n%s\nwant:\n%s", path, shown, kept)
	}
}

// full is a wish with everything in it that a task shows.
func full() []any {
	return []any{"prompt", "A lighthouse at dusk,\noil on canvas, " + strings.Repeat("very ", 20) + "quiet", "metadata", map[string]any{"order": 4711, "tags": []string{"a", "ä"}},
		"params", map[string]any{"size": "1344x768", "output_format": "png", "seed": 7, "background": "opaque"}}
}

func TestTaskShapes(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*world, token) string{
		"queued":  func(w *world, as token) string { return w.create(as, full()...) },
		"running": func(w *world, as token) string { return w.run(as, full()...) },
		"completed": func(w *world, as token) string {
			id := w.create(as, full()...)
			w.clock.Add(3 * time.Second)
			w.finish()
			return id
		},
		"failed": func(w *world, as token) string { return w.fail(as, full()...) },
		"cancelled": func(w *world, as token) string {
			id := w.create(as, full()...)
			w.clock.Add(time.Second)
			w.call(as, http.MethodPost, "/v1/tasks/"+id+"/cancel", nil).want(http.StatusOK)
			return id
		},
		"retried": func(w *world, as token) string {
			id := w.fail(as, full()...)
			w.clock.Add(time.Second)
			return w.call(as, http.MethodPost, "/v1/tasks/"+id+"/retry", nil).want(http.StatusAccepted).text("tasks.0.id")
		},
		"restored": func(w *world, as token) string {
			id := w.complete(as, full()...)
			w.call(as, http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusNoContent)
			w.call(as, http.MethodPost, "/v1/tasks/"+id+"/restore", nil).want(http.StatusOK)
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := make(w, person("ann"))
			golden(t, "task_"+name, w.call(person("ann"), http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK))
		})
	}
}

func TestAnswerShapes(t *testing.T) {
	t.Parallel()
	ann := person("ann")
	for name, call := range map[string]func(*world) answer{
		"created": func(w *world) answer {
			return w.call(ann, http.MethodPost, "/v1/tasks?include=balance", wish("count", 2)).want(http.StatusAccepted)
		},
		"list": func(w *world) answer {
			w.complete(ann)
			w.create(ann)
			return w.call(ann, http.MethodGet, "/v1/tasks", nil).want(http.StatusOK)
		},
		"list_empty": func(w *world) answer { return w.call(ann, http.MethodGet, "/v1/tasks", nil).want(http.StatusOK) },
		"quote": func(w *world) answer {
			return w.call(ann, http.MethodPost, "/v1/quotes", wish("count", 2)).want(http.StatusOK)
		},
		"credits": func(w *world) answer {
			w.complete(ann)
			w.create(ann)
			return w.call(ann, http.MethodGet, "/v1/credits", nil).want(http.StatusOK)
		},
		"entries": func(w *world) answer {
			w.call(ann, http.MethodGet, "/v1/credits", nil).want(http.StatusOK) // opens the account
			w.complete(ann)
			w.fail(ann)
			w.create(ann)
			w.grant(ann, -10, "refund-1").want(http.StatusOK)
			return w.call(ann, http.MethodGet, "/v1/credits/entries", nil).want(http.StatusOK)
		},
		"receipt_open": func(w *world) answer {
			return w.call(ann, http.MethodGet, "/v1/tasks/"+w.create(ann)+"/receipt", nil).want(http.StatusOK)
		},
		"receipt_completed": func(w *world) answer {
			return w.call(ann, http.MethodGet, "/v1/tasks/"+w.complete(ann)+"/receipt", nil).want(http.StatusOK)
		},
		"receipt_failed": func(w *world) answer {
			return w.call(ann, http.MethodGet, "/v1/tasks/"+w.fail(ann)+"/receipt", nil).want(http.StatusOK)
		},
		"models": func(w *world) answer { return w.call(nil, http.MethodGet, "/v1/models", nil).want(http.StatusOK) },
		"health": func(w *world) answer { return w.call(nil, http.MethodGet, "/healthz", nil).want(http.StatusOK) },
		"problem_not_found": func(w *world) answer {
			return w.call(ann, http.MethodGet, "/v1/tasks/"+someID, nil).want(http.StatusNotFound)
		},
		"problem_field": func(w *world) answer {
			return w.call(ann, http.MethodPost, "/v1/tasks", params("size", "1x1")).want(http.StatusBadRequest)
		},
		"problem_credits": func(w *world) answer {
			w.grant(ann, -signupGrant, "take-all").want(http.StatusOK)
			return w.call(ann, http.MethodPost, "/v1/tasks", wish()).want(http.StatusPaymentRequired)
		},
		"admin_account": func(w *world) answer {
			w.complete(ann)
			w.create(ann)
			return w.call(operator("olga"), http.MethodGet, "/admin/v1/accounts/"+ann.account(), nil).want(http.StatusOK)
		},
		"admin_task": func(w *world) answer {
			id := w.complete(ann)
			return w.call(operator("olga"), http.MethodGet, "/admin/v1/accounts/"+ann.account()+"/tasks/"+id, nil).want(http.StatusOK)
		},
		"admin_providers": func(w *world) answer {
			w.switchProvider("bfl", false)
			return w.call(operator("olga"), http.MethodGet, "/admin/v1/providers", nil).want(http.StatusOK)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, call(newWorld(t)))
		})
	}
}

// A golden file that no test reads any more would be reviewed for nothing.
func TestEveryGoldenFileIsRead(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("taskshape_test.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(strings.TrimSuffix(file.Name(), ".json"), "task_")
		if !bytes.Contains(source, []byte(`"`+name+`":`)) {
			t.Errorf("testdata/%s belongs to no test", file.Name())
		}
	}
}

// Every internal state shows as one of five words.
func TestEveryStateShowsAsItsStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.create(ann)
	for _, state := range append(task.States, "INVENTED_LATER") {
		w.setState(ann.account(), id, state)
		got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
		if got.text("status") != string(state.Status()) {
			t.Errorf("%s shows as %q, want %q", state, got.text("status"), state.Status())
		}
	}
}

// setState puts a task into a state, past every rule.
func (w *world) setState(account, id string, state task.State) {
	w.t.Helper()
	row := &transition.Row{ID: "test", Name: "set state", To: string(state)}
	if _, err := w.store.Update(w.t.Context(), write(task.Key(account, task.ID(id)), row)); err != nil {
		w.t.Fatal(err)
	}
}

// What a failed task says is one of our own sentences, and the provider's words stay in the log.
func TestAProvidersWordsAreKeptFromItsUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.fail(ann)
	for _, path := range []string{"/v1/tasks/" + id, "/v1/tasks", "/v1/tasks?ids=" + id, "/v1/tasks/" + id + "/receipt", "/v1/credits/entries"} {
		if got := w.call(ann, http.MethodGet, path, nil).want(http.StatusOK); strings.Contains(string(got.body), rawWord) {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}
