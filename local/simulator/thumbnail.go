package simulator

import (
	"image/png"
	"net/http"
	"strconv"
)

// The longer side of a picture shown outside of links and records, in pixels.
const (
	shownSide    = 240
	shownSideMax = 1600
)

func (s *Simulator) thumbnailRoutes() {
	s.mux.HandleFunc("GET /_control/jobs/{id}/image", s.showJob)
	s.mux.HandleFunc("GET /_control/calls/{id}/image", s.showCall)
	s.mux.HandleFunc("GET /_control/calls/{id}/inputs/{number}", s.showInput)
}

// showJob answers GET /_control/jobs/{id}/image?side= with a small copy of the job's picture.
func (s *Simulator) showJob(w http.ResponseWriter, r *http.Request) {
	j, known := s.jobs.get(r.PathValue("id"))
	if !known {
		writeJSON(w, http.StatusNotFound, controlError{"no such job; GET /_control/jobs lists them"})
		return
	}
	s.show(w, r, j.picture)
}

// showCall answers GET /_control/calls/{id}/image?side= with a small copy of the picture that a submit asked for.
func (s *Simulator) showCall(w http.ResponseWriter, r *http.Request) {
	pic, kept := s.calls.picture(r.PathValue("id"))
	if !kept || pic.Width == 0 {
		writeJSON(w, http.StatusNotFound, controlError{"no such submit, or not among the last; GET /_control/calls lists them"})
		return
	}
	s.show(w, r, pic)
}

// showInput answers GET /_control/calls/{id}/inputs/{number}, from 1, with a small copy of an image that came with a submit or to be moderated.
func (s *Simulator) showInput(w http.ResponseWriter, r *http.Request) {
	pic, _ := s.calls.picture(r.PathValue("id"))
	n, ok := number(r.PathValue("number"), 1, len(pic.Inputs))
	if !ok {
		writeJSON(w, http.StatusNotFound, controlError{"no such input, or not among the last; GET /_control/calls lists them"})
		return
	}
	shownHeaders(w, formatPNG)
	png.Encode(w, pic.Inputs[n-1].small) //nolint:errcheck // the client left: nobody to tell
}

// show draws a picture smaller than it was asked for.
func (s *Simulator) show(w http.ResponseWriter, r *http.Request, pic picture) {
	longest, err := strconv.Atoi(r.URL.Query().Get("side"))
	if err != nil || longest < 1 {
		longest = shownSide
	}
	scale := min(1, float64(min(longest, shownSideMax))/float64(max(pic.Width, pic.Height)))
	pic.Width, pic.Height = max(1, int(float64(pic.Width)*scale)), max(1, int(float64(pic.Height)*scale))
	pic.Format, pic.Quality = formatJPEG, 90
	made, err := s.studio.make(pic)
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, controlError{err.Error()})
		return
	}
	shownHeaders(w, pic.Format)
	w.Write(made) //nolint:errcheck // the client left: nobody to tell
}

// shownHeaders lets a browser keep what it was shown: ids are never used again, and what they name never changes.
func shownHeaders(w http.ResponseWriter, f format) {
	w.Header().Set("Content-Type", f.contentType())
	w.Header().Set("Cache-Control", "private, max-age=3600, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}
