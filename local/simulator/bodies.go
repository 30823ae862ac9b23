package simulator

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
)

// What may be put to be delivered: a few bodies, each somewhat above what anybody should accept as an image.
const (
	maxBodies   = 32
	maxBodySize = 96 << 20
)

var bodyName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// bodies are bytes that somebody put here to come as images, by name. They are kept as they came, so that a measurement or a test can send what no
// picture of ours would be.
type bodies struct {
	mu     sync.Mutex
	byName map[string]output
}

func (b *bodies) put(name string, o output) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, replaces := b.byName[name]; len(b.byName) == maxBodies && !replaces {
		return fmt.Errorf("%d bodies are kept already; remove some with DELETE /_control/bodies/<name>", maxBodies)
	}
	if b.byName == nil {
		b.byName = map[string]output{}
	}
	b.byName[name] = o
	return nil
}

func (b *bodies) get(name string) (output, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o, there := b.byName[name]
	if !there {
		return output{}, fmt.Errorf("simulator: no body was put under %q", name)
	}
	return o, nil
}

func (b *bodies) remove(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.byName, name)
}

// putBody answers PUT /_control/bodies/{name}: 204, or 400 with what is wrong. The content type and encoding of the call are repeated when the body is
// delivered. A page of another origin cannot make a PUT unasked.
func (s *Simulator) putBody(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !bodyName.MatchString(name) {
		writeJSON(w, http.StatusBadRequest, controlError{fmt.Sprintf("the name %q is not understood: up to 64 of a-z, 0-9, - and _", name)})
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodySize))
	if err == nil {
		err = s.bodies.put(name, output{contentType: r.Header.Get("Content-Type"), encoding: r.Header.Get("Content-Encoding"), bytes: raw})
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, controlError{err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// removeBody answers DELETE /_control/bodies/{name}, also when there is none.
func (s *Simulator) removeBody(w http.ResponseWriter, r *http.Request) {
	s.bodies.remove(r.PathValue("name"))
	w.WriteHeader(http.StatusNoContent)
}
