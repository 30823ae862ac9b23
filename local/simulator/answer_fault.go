package simulator

import (
	"bytes"
	"net"
	"net/http"
	"path"
)

// half writes the first half of a body whose whole length was stated; net/http ends the connection over the rest. The client has
// the head and some of the body by then, which a reset could take from it.
type half struct{ http.ResponseWriter }

func (h half) Write(body []byte) (int, error) { return h.ResponseWriter.Write(body[:len(body)/2]) }

// muchTooLong is more than a client should take of a job, or of one in a list.
const muchTooLong = 40 << 20

// padded puts one more field at the front of an object, so that a client which reads all of it finds nothing wrong.
type padded struct{ http.ResponseWriter }

func (p padded) WriteHeader(status int) {
	p.Header().Del("Content-Length") // it is too long without saying so
	p.ResponseWriter.WriteHeader(status)
}

func (p padded) Write(object []byte) (int, error) {
	for _, part := range [][]byte{[]byte(`{"padding":"`), bytes.Repeat([]byte("0"), muchTooLong), []byte(`",`), object[1:]} {
		if _, err := p.ResponseWriter.Write(part); err != nil { // the client has left, as it should
			return 0, err
		}
	}
	return len(object), nil
}

// elsewhere stands for a host that no client has business with. It is at the simulator's own address, so that a client which
// follows a redirect gets there and is seen.
const elsewhere = "/elsewhere"

// leadElsewhere redirects an API call. 307 makes a client that follows send the whole call again, key and body.
func (v *visit) leadElsewhere(w http.ResponseWriter) {
	v.note(func(c *Call) { c.Status = http.StatusTemporaryRedirect })
	w.Header().Set("Location", elsewhere)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// serveElsewhere records who followed.
func (s *Simulator) serveElsewhere(w http.ResponseWriter, r *http.Request) {
	s.calls.begin(Call{Operation: Stray, Status: http.StatusNotFound, KeyLeaked: showsKey(r)})
	http.Error(w, "Nobody should have come here.", http.StatusNotFound)
}

// leadOn answers the fetch of a link with a redirect when one is ordered: to another host's name, or as a hop to the same address.
// It is false when none is.
func (v *visit) leadOn(w http.ResponseWriter, r *http.Request) bool {
	ordered, _ := v.plan.get("redirect")
	var target string
	switch {
	case v.struckHere("redirect"):
		target = "http://" + otherName(r.Host) + elsewhere
	case ordered.word == "hop" && v.struck("redirect"):
		target = path.Base(r.URL.Path)
	default:
		return false
	}
	v.note(func(c *Call) { c.Status = http.StatusFound })
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusFound)
	return true
}

// otherName is another name of this machine, with the same port.
func otherName(host string) string {
	name, port, err := net.SplitHostPort(host)
	switch {
	case err != nil:
		return "localhost.localdomain"
	case name == "localhost":
		return net.JoinHostPort("127.0.0.1", port)
	}
	return net.JoinHostPort("localhost", port)
}
