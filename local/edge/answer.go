package edge

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
)

// answer is an error as the asked service would write it: JSON for DynamoDB, SQS and Secrets Manager, XML for S3.
type answer struct {
	status  int
	service string
	code    string
	message string
	extra   map[string]any // JSON only
}

// jsonPrefixes are the namespaces that stand before an error's name in "__type".
var jsonPrefixes = map[string]string{
	"dynamodb": "com.amazonaws.dynamodb.v20120810#",
	"sqs":      "com.amazonaws.sqs#",
}

// throttles are the services' own throttling errors.
var throttles = map[string]answer{
	"dynamodb": {status: 400, code: "ThrottlingException", message: "Rate exceeded"},
	"sqs":      {status: 400, code: "RequestThrottled", message: "The request was denied due to request throttling"},
	"s3":       {status: 503, code: "SlowDown", message: "Please reduce your request rate."},
}

func throttling(call *Call) answer {
	a, known := throttles[call.Service]
	if !known {
		a = answer{status: 400, code: "ThrottlingException", message: "Rate exceeded"}
	}
	a.service = call.Service
	return a
}

func failure(call *Call, status int) answer {
	code := "InternalServerError"
	if call.Service == "s3" {
		code = "InternalError"
	}
	return answer{status: status, service: call.Service, code: code, message: "ordered by a test"}
}

// conflict is what DynamoDB says to a write that met an unfinished transaction: to a transaction, one reason per item with the
// conflict on the first; to a single write, an error of its own.
func conflict(call *Call) answer {
	const ongoing = "Transaction is ongoing for the item"
	if call.Operation != "TransactWriteItems" && call.Operation != "TransactGetItems" {
		return answer{status: 400, service: "dynamodb", code: "TransactionConflictException", message: ongoing}
	}
	reasons := []map[string]any{{"Code": "TransactionConflict", "Message": ongoing}}
	names := []string{"TransactionConflict"}
	for len(reasons) < call.Items {
		reasons, names = append(reasons, map[string]any{"Code": "None"}), append(names, "None")
	}
	return answer{
		status: 400, service: "dynamodb", code: "TransactionCanceledException",
		message: fmt.Sprintf("Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(names, ", ")),
		extra:   map[string]any{"CancellationReasons": reasons},
	}
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("X-Amzn-Requestid", "edge")
	if a.service == "s3" {
		writeXML(w, a.status, a.code, a.message)
		return
	}
	body := map[string]any{"__type": jsonPrefixes[a.service] + a.code, "message": a.message}
	if a.service == "dynamodb" { // its transaction errors spell the word with a capital
		body["Message"] = a.message
	}
	for name, value := range a.extra {
		body[name] = value
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(a.status)
	json.NewEncoder(w).Encode(body) // the caller may have gone
}

// writeXML writes the error document of S3 and CloudFront.
func writeXML(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	document, _ := xml.Marshal(struct { // strings only: cannot fail
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message})
	fmt.Fprint(w, xml.Header, string(document))
}
