package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
)

// Call is one request somebody sent to the local AWS.
type Call struct {
	Seq       int64     `json:"seq"`        // counts up from 1; use it as Filter.After to see only what came later
	At        time.Time `json:"at"`         // when the request arrived
	Service   string    `json:"service"`    // as in the request's signature: dynamodb, sqs, s3, secretsmanager …
	Operation string    `json:"operation"`  // the API's own name, as TransactWriteItems; for S3 the HTTP method
	Target    string    `json:"target"`     // table, queue name, secret id or bucket; empty when the request names several tables
	Key       string    `json:"key"`        // S3: the object key
	Items     int       `json:"items"`      // parts of a transaction or batch; 1 for a single call
	Function  string    `json:"function"`   // name of the calling Lambda function; empty for the launcher, SAM and tests
	Status    int       `json:"status"`     // what the caller got; 0 when the connection was cut or is still open
	Fault     string    `json:"fault"`      // id of the order that struck, if one did
	AccessKey string    `json:"access_key"` // the signer's public key id

	body string // for Filter.Contains; never shown, because it may hold prompts
}

// credential finds the signer and the service in a Signature Version 4 header or query.
var credential = regexp.MustCompile(`Credential=([^/,]+)/\d{8}/[^/]+/([^/]+)/aws4_request`)

// describe reads what a request asks for. body is empty for S3, whose bodies are streamed.
func describe(r *http.Request, body []byte) Call {
	call := Call{At: time.Now(), Items: 1}
	authorization := r.Header.Get("Authorization")
	if authorization == "" {
		authorization = "Credential=" + r.URL.Query().Get("X-Amz-Credential") // a presigned request
	}
	if m := credential.FindStringSubmatch(authorization); m != nil {
		call.AccessKey, call.Service = m[1], m[2]
	}
	if call.Service == "s3" || isPresignedPost(r) {
		call.Service = "s3"
		call.Operation = r.Method
		bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		call.Target, call.Key = bucket, key
		return call
	}
	call.body = string(body)
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		call.Operation = target[strings.LastIndex(target, ".")+1:]
		call.Target, call.Items = jsonTarget(body)
		return call
	}
	if form, err := url.ParseQuery(call.body); err == nil && form.Get("Action") != "" { // CloudFormation, IAM, STS
		call.Operation, call.Target = form.Get("Action"), form.Get("StackName")
		return call
	}
	call.Operation = r.Method + " " + r.URL.Path // REST services such as API Gateway
	return call
}

// isPresignedPost tells a browser's form upload: its signature is inside the streamed form, so neither header nor query shows it.
func isPresignedPost(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// jsonTarget reads which resource a JSON request is about and how many parts it has.
func jsonTarget(body []byte) (target string, items int) {
	var request struct {
		TableName     string
		QueueURL      string `json:"QueueUrl"`
		SecretID      string `json:"SecretId"`
		TransactItems []map[string]struct{ TableName string }
		RequestItems  map[string]json.RawMessage
		Entries       []json.RawMessage
	}
	if json.Unmarshal(body, &request) != nil {
		return "", 1 // not a shape we know; the body filter still finds it
	}
	switch {
	case request.TransactItems != nil:
		tables := map[string]bool{}
		for _, item := range request.TransactItems {
			for _, action := range item { // one key: Put, Update, Delete, ConditionCheck or Get
				tables[action.TableName] = true
			}
		}
		return only(tables), len(request.TransactItems)
	case request.RequestItems != nil:
		tables, parts := map[string]bool{}, 0
		for table, raw := range request.RequestItems {
			tables[table] = true
			parts += batchSize(raw)
		}
		return only(tables), parts
	case request.QueueURL != "":
		return path.Base(request.QueueURL), max(1, len(request.Entries))
	case request.SecretID != "":
		return request.SecretID, 1
	}
	return request.TableName, 1
}

// batchSize counts one table's part of a batch: a list of writes, or an object with a list of keys to read.
func batchSize(raw json.RawMessage) int {
	var writes []json.RawMessage
	if json.Unmarshal(raw, &writes) == nil {
		return len(writes)
	}
	var reads struct{ Keys []json.RawMessage }
	if json.Unmarshal(raw, &reads) == nil {
		return len(reads.Keys)
	}
	return 0
}

// only returns the set's one member, or "" when it has more.
func only(set map[string]bool) string {
	if len(set) != 1 {
		return ""
	}
	for member := range set {
		return member
	}
	return ""
}

// FunctionAccessKey is the access key id the local AWS gives to a function while it enforces IAM: it is derived from the function's
// and its role's ARN, so the edge can say which function called.
func FunctionAccessKey(functionARN, roleARN string) string {
	sum := sha256.Sum256([]byte(functionARN + ":" + roleARN))
	return "ASIA" + strings.ToUpper(hex.EncodeToString(sum[:])[:16])
}
