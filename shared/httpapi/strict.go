package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"darkroom/shared/fault"
)

// maxBody bounds a request body: a prompt of 32,000 characters has up to 128,000 bytes, and JSON may double them.
const maxBody = 256 << 10

// maxDepth bounds how deep JSON may be nested.
const maxDepth = 16

// strict looks at every request before it is understood, and at every answer before it leaves: headers that all answers have, bodies that two parsers could
// read differently, and crashes.
func strict(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if crash := recover(); crash != nil {
				log.Error("request crashed", "trace_id", gateway(r.Context()).RequestID, "route", gateway(r.Context()).RouteKey, "panic", crash, "stack", string(debug.Stack()))
				writeProblem(w, answerTo(r.Context(), errInternal))
			}
		}()
		commonHeaders(w, gateway(r.Context()).RequestID)
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err == nil && len(body) > maxBody {
			p := problem(r.Context(), log, &fault.Error{Code: fault.InvalidRequest, Field: "body", Message: fmt.Sprintf("has more than %d bytes", maxBody)})
			p.Status, p.Title = http.StatusRequestEntityTooLarge, http.StatusText(http.StatusRequestEntityTooLarge)
			writeProblem(w, p)
			return
		}
		if err == nil && len(body) > 0 {
			err = checkJSON(body)
		}
		if err != nil {
			writeProblem(w, problem(r.Context(), log, &fault.Error{Code: fault.InvalidRequest, Field: "body", Message: err.Error()}))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// commonHeaders are on every answer.
func commonHeaders(w http.ResponseWriter, requestID string) {
	if requestID != "" {
		w.Header().Set("X-Request-Id", requestID)
	}
	w.Header().Set("Cache-Control", "private, no-store") // public answers say otherwise themselves
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

// checkJSON refuses what encoding/json would read in its own way: invalid UTF-8, a name given twice in any case, something after the end, deep nesting.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := checkValue(decoder, 0); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("has something after its JSON value")
	}
	return nil
}

func checkValue(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil {
		return errors.New("is not JSON")
	}
	delimiter, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth == maxDepth {
		return fmt.Errorf("is nested deeper than %d levels", maxDepth)
	}
	seen := map[string]bool{}
	for decoder.More() {
		if delimiter == '{' {
			name, err := decoder.Token()
			if err != nil {
				return errors.New("is not JSON")
			}
			folded := strings.ToLower(name.(string))
			if seen[folded] {
				return fmt.Errorf("has the field %q twice", clip(name.(string)))
			}
			seen[folded] = true
		}
		if err := checkValue(decoder, depth+1); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil { // the closing bracket
		return errors.New("is not JSON")
	}
	return nil
}

func clip(text string) string {
	if utf8.RuneCountInString(text) > 40 {
		return string([]rune(text)[:40]) + "…"
	}
	return text
}
