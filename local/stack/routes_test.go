package stack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A definition as SAM writes it, with one route of each kind.
const definition = `{"Resources": {"HttpApi": {"Properties": {"Body": {
  "paths": {
    "/v1/tasks/{id}": {"get": {"security": [{"Jwt": [{"Ref": "TasksScope"}]}], "x-amazon-apigateway-integration": {
      "type": "aws_proxy", "uri": {"Fn::Sub": "arn:functions/${Fn.Arn}/invocations"}, "payloadFormatVersion": "2.0"}}},
    "/admin": {"put": {"security": [{"Jwt": [{"Ref": "TasksScope"}, "darkroom/admin"]}], "x-amazon-apigateway-integration": {
      "type": "aws_proxy", "uri": "arn:functions/admin/invocations", "payloadFormatVersion": "2.0"}}},
    "/healthz": {"get": {"security": [{"NONE": []}], "x-amazon-apigateway-integration": {
      "type": "aws_proxy", "uri": {"Fn::Sub": "arn:functions/${Fn.Arn}/invocations"}, "payloadFormatVersion": "2.0"}}}},
  "x-amazon-apigateway-cors": {"allowOrigins": ["http://localhost:1"], "allowMethods": ["GET"], "maxAge": 3600},
  "components": {"securitySchemes": {"Jwt": {"x-amazon-apigateway-authorizer": {"type": "jwt",
    "identitySource": "$request.header.Authorization",
    "jwtConfiguration": {"issuer": {"Fn::Sub": "https://issuer/${UserPool}"}, "audience": [{"Ref": "UserPool"}]}}}}}}}}}}`

func testDeployment(t *testing.T, template string) *deployment {
	t.Helper()
	e := testExpressions()
	d := &deployment{parameters: e.parameters, resources: e.resources, stackName: e.stackName}
	if err := json.Unmarshal([]byte(template), &d.template); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRoutesAreCreatedAsAPIGatewayWouldImportThem(t *testing.T) {
	gateway := newFakeGateway(t)
	api, err := testDeployment(t, definition).readDefinition("HttpApi")
	if err != nil {
		t.Fatal(err)
	}
	if err := createRoutes(t.Context(), rootConfig(gateway.URL), "api1", api); err != nil {
		t.Fatal(err)
	}
	const arn = "arn:functions/arn:aws:lambda:us-east-1:000000000000:function:darkroom-api/invocations"
	want := []string{
		`POST /v2/apis/api1/authorizers {"authorizerType":"JWT","identitySource":["$request.header.Authorization"],"jwtConfiguration":{"audience":["us-east-1_x"],"issuer":"https://issuer/us-east-1_x"},"name":"Jwt"}`,
		`POST /v2/apis/api1/integrations {"integrationType":"AWS_PROXY","integrationUri":"arn:functions/admin/invocations","payloadFormatVersion":"2.0"}`,
		`POST /v2/apis/api1/routes {"authorizationScopes":["darkroom/tasks","darkroom/admin"],"authorizationType":"JWT","authorizerId":"id1","routeKey":"PUT /admin","target":"integrations/id2"}`,
		`POST /v2/apis/api1/integrations {"integrationType":"AWS_PROXY","integrationUri":"` + arn + `","payloadFormatVersion":"2.0"}`,
		`POST /v2/apis/api1/routes {"authorizationType":"NONE","routeKey":"GET /healthz","target":"integrations/id4"}`,
		`POST /v2/apis/api1/routes {"authorizationScopes":["darkroom/tasks"],"authorizationType":"JWT","authorizerId":"id1","routeKey":"GET /v1/tasks/{id}","target":"integrations/id4"}`,
		`PATCH /v2/apis/api1 {"corsConfiguration":{"allowMethods":["GET"],"allowOrigins":["http://localhost:1"],"maxAge":3600}}`,
	}
	if got := gateway.calls; !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestARouteNeverStandsOpenForWantOfItsAuthorizer(t *testing.T) {
	gateway := newFakeGateway(t)
	api, err := testDeployment(t, strings.ReplaceAll(definition, `"security": [{"Jwt"`, `"security": [{"Other"`)).readDefinition("HttpApi")
	if err != nil {
		t.Fatal(err)
	}
	if err := createRoutes(t.Context(), rootConfig(gateway.URL), "api1", api); err == nil || !strings.Contains(err.Error(), "authorizer Other") {
		t.Errorf("got %v, want an error that names the authorizer", err)
	}
	if slices.ContainsFunc(gateway.calls, func(call string) bool { return strings.Contains(call, "/routes") }) {
		t.Errorf("a route was created: %v", gateway.calls)
	}
}

func TestATemplateWithoutRoutesIsAnError(t *testing.T) {
	if _, err := testDeployment(t, `{"Resources": {}}`).readDefinition("HttpApi"); err == nil || !strings.Contains(err.Error(), "HttpApi") {
		t.Errorf("got %v, want an error that names the API", err)
	}
}

// fakeGateway answers every creation with the next id and keeps what it was asked, JSON keys in order.
type fakeGateway struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string
}

func newFakeGateway(t *testing.T) *fakeGateway {
	t.Helper()
	g := &fakeGateway{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		sorted, _ := json.Marshal(body) // it was JSON before
		g.mu.Lock()
		defer g.mu.Unlock()
		g.calls = append(g.calls, fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, sorted))
		id := fmt.Sprintf("id%d", len(g.calls))
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(map[string]string{"authorizerId": id, "integrationId": id, "routeId": id})
	}))
	t.Cleanup(g.Close)
	return g
}
