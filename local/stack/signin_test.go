package stack

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// pool plays the sign-in page and the token endpoint, with the checks of the authorization code flow.
type pool struct {
	challenge string
	state     string // instead of the request's, when not empty
	redirect  string // instead of the request's, when not empty
}

func (p *pool) serve(t *testing.T) *Info {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth2/authorize", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("client_id") != "web" || query.Get("code_challenge_method") != "S256" || query.Get("scope") != "openid email darkroom/tasks" {
			http.Error(w, "invalid_request", http.StatusBadRequest)
		}
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("username") != "alice@example.com" || r.FormValue("password") != "right" {
			return // 200: the page once more
		}
		p.challenge = r.FormValue("code_challenge")
		state, redirect := r.FormValue("state"), r.FormValue("redirect_uri")
		if p.state != "" {
			state = p.state
		}
		if p.redirect != "" {
			redirect = p.redirect
		}
		http.Redirect(w, r, redirect+"?"+url.Values{"code": {"c1"}, "state": {state}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /oauth2/token", func(w http.ResponseWriter, r *http.Request) {
		verifier := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		user := r.FormValue("grant_type") == "authorization_code" && r.FormValue("code") == "c1" && len(r.FormValue("code_verifier")) >= 43 &&
			base64.RawURLEncoding.EncodeToString(verifier[:]) == p.challenge
		machine := r.FormValue("grant_type") == "client_credentials" && r.FormValue("client_id") == "machine" &&
			r.FormValue("client_secret") == "secret" && r.FormValue("scope") == "darkroom/admin"
		switch {
		case user:
			json.NewEncoder(w).Encode(map[string]string{"access_token": "user token"})
		case machine:
			json.NewEncoder(w).Encode(map[string]string{"access_token": "machine token"})
		default:
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &Info{
		SignInURL: server.URL, ClientID: "web", RedirectURI: "http://localhost:1/auth/callback", TasksScope: "darkroom/tasks",
		MachineClientID: "machine", MachineClientSecret: "secret", AdminScope: "darkroom/admin",
	}
}

func TestSigningInProvesTheCodeIsOurs(t *testing.T) {
	token, err := SignIn(t.Context(), new(pool).serve(t), User{Email: "alice@example.com", Password: "right"})
	if token != "user token" || err != nil {
		t.Errorf("got %q, %v, want the user's token", token, err)
	}
}

func TestSigningInFailsWithTheReason(t *testing.T) {
	for _, test := range []struct {
		name     string
		pool     pool
		password string
		scope    string
		want     string
	}{
		{"WrongPassword", pool{}, "wrong", "darkroom/tasks", "did not accept the e-mail address and password"},
		{"ForeignState", pool{state: "x"}, "right", "darkroom/tasks", "another request's state"},
		{"ForeignRedirect", pool{redirect: "http://elsewhere.example"}, "right", "darkroom/tasks", "not the web application's"},
		{"RefusedRequest", pool{}, "right", "other", "invalid_request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			info := test.pool.serve(t)
			info.TasksScope = test.scope
			token, err := SignIn(t.Context(), info, User{Email: "alice@example.com", Password: test.password})
			if token != "" || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v, want an error that says %q", token, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "right") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestTheMachineClientGetsTheAdminScope(t *testing.T) {
	info := new(pool).serve(t)
	if token, err := MachineToken(t.Context(), info); token != "machine token" || err != nil {
		t.Errorf("got %q, %v, want the machine's token", token, err)
	}
	info.MachineClientSecret = "wrong"
	if token, err := MachineToken(t.Context(), info); token != "" || err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with a wrong secret: got %q, %v, want an error without the secret", token, err)
	}
}
