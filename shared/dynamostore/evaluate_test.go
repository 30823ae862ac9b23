package dynamostore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"darkroom/shared/transition"
)

// evaluator reads compiled expressions as DynamoDB's documentation says they are read, so that rows can be checked without any engine. It knows the part of
// the grammar that compile uses.
type evaluator struct {
	expr   expression.Expression
	item   transition.Item
	tokens []string
}

// conditionHolds evaluates the condition on an item with its key; nil is an item that is not there.
func conditionHolds(expr expression.Expression, item transition.Item) bool {
	e := &evaluator{expr: expr, item: item, tokens: tokens(*expr.Condition())}
	holds := e.either()
	if len(e.tokens) > 0 {
		panic(fmt.Sprintf("left over: %v", e.tokens))
	}
	return holds
}

// tokens splits an expression into names, values, words, signs and brackets.
func tokens(text string) []string {
	for _, sign := range []string{"(", ")", ","} {
		text = strings.ReplaceAll(text, sign, " "+sign+" ")
	}
	return strings.Fields(text)
}

func (e *evaluator) next() string {
	token := e.tokens[0]
	e.tokens = e.tokens[1:]
	return token
}

func (e *evaluator) at(token string) bool { return len(e.tokens) > 0 && e.tokens[0] == token }

func (e *evaluator) expect(token string) {
	if got := e.next(); got != token {
		panic(fmt.Sprintf("got %q, want %q", got, token))
	}
}

func (e *evaluator) either() bool {
	holds := e.every()
	for e.at("OR") {
		e.next()
		other := e.every()
		holds = holds || other
	}
	return holds
}

func (e *evaluator) every() bool {
	holds := e.clause()
	for e.at("AND") {
		e.next()
		other := e.clause()
		holds = holds && other
	}
	return holds
}

func (e *evaluator) clause() bool {
	switch token := e.next(); token {
	case "(":
		holds := e.either()
		e.expect(")")
		return holds
	case "attribute_exists", "attribute_not_exists":
		e.expect("(")
		there := e.value(e.next()) != nil
		e.expect(")")
		return there == (token == "attribute_exists")
	default:
		return e.compare(e.value(token))
	}
}

func (e *evaluator) compare(left any) bool {
	sign := e.next()
	if sign == "IN" {
		e.expect("(")
		var values []any
		for !e.at(")") {
			if e.at(",") {
				e.next()
			}
			values = append(values, e.value(e.next()))
		}
		e.expect(")")
		return left != nil && slices.Contains(values, left)
	}
	right := e.value(e.next())
	if left == nil || right == nil {
		return false
	}
	if sign == "=" {
		return left == right
	}
	a, b := left.(int64), right.(int64)
	switch sign {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	panic("sign " + sign)
}

// value is what a name or a placeholder stands for; nil when the attribute is absent.
func (e *evaluator) value(token string) any {
	if strings.HasPrefix(token, ":") {
		return decodeValue(e.expr.Values()[token])
	}
	return e.item.Get(e.path(token))
}

// path puts the names back for their placeholders.
func (e *evaluator) path(token string) string {
	parts := strings.Split(token, ".")
	for i, part := range parts {
		parts[i] = e.expr.Names()[part]
	}
	return strings.Join(parts, ".")
}

// updated is the item after the update expression; operands are those of the item before.
func updated(expr expression.Expression, item transition.Item) transition.Item {
	out := item.Clone()
	if expr.Update() == nil {
		return out
	}
	for _, line := range strings.Split(strings.TrimSpace(*expr.Update()), "\n") {
		verb, rest, _ := strings.Cut(line, " ")
		e := &evaluator{expr: expr, item: item, tokens: tokens(rest)}
		for len(e.tokens) > 0 {
			e.change(verb, out)
			if e.at(",") {
				e.next()
			}
		}
	}
	return out
}

// change makes one change in place.
func (e *evaluator) change(verb string, out transition.Item) {
	path := e.path(e.next())
	names := strings.Split(path, ".")
	parent := out
	for _, name := range names[:len(names)-1] {
		parent = parent[name].(transition.Item) // DynamoDB refuses a path without its parent
	}
	name := names[len(names)-1]
	switch verb {
	case "REMOVE":
		delete(parent, name)
	case "ADD":
		now, _ := parent[name].(int64)
		parent[name] = now + e.value(e.next()).(int64)
	case "SET":
		e.expect("=")
		if !e.at("if_not_exists") {
			parent[name] = e.value(e.next())
			return
		}
		e.next()
		e.expect("(")
		have := e.value(e.next())
		e.expect(",")
		fallback := e.value(e.next())
		e.expect(")")
		if parent[name] = have; have == nil {
			parent[name] = fallback
		}
	default:
		panic("verb " + verb)
	}
}

// readable writes an expression with its names and values in place, for golden files and messages.
func readable(expr expression.Expression) string {
	text := ""
	if expr.Condition() != nil {
		text = "IF " + *expr.Condition() + "\n"
	}
	if expr.Update() != nil {
		text += strings.TrimSpace(*expr.Update()) + "\n"
	}
	var pairs []string
	for placeholder, name := range expr.Names() {
		pairs = append(pairs, placeholder, name)
	}
	for placeholder, value := range expr.Values() {
		pairs = append(pairs, placeholder, show(value))
	}
	return replaceLongestFirst(text, pairs)
}

func show(value types.AttributeValue) string {
	switch v := decodeValue(value).(type) {
	case string:
		return "'" + v + "'"
	default:
		return fmt.Sprint(v)
	}
}

// replaceLongestFirst replaces placeholders so that :1 does not eat the beginning of :10.
func replaceLongestFirst(text string, pairs []string) string {
	type pair struct{ from, to string }
	var all []pair
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, pair{pairs[i], pairs[i+1]})
	}
	slices.SortFunc(all, func(a, b pair) int { return len(b.from) - len(a.from) })
	for _, p := range all {
		text = strings.ReplaceAll(text, p.from, p.to)
	}
	return text
}
