package dynamostore

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"darkroom/shared/transition"
)

// compile turns a write into an expression: a row into a condition and an update, a new item into "the key is free".
func compile(w transition.Write) (expression.Expression, error) {
	builder := expression.NewBuilder()
	if w.Row == nil {
		return builder.WithCondition(expression.AttributeNotExists(expression.Name("pk"))).Build()
	}
	condition := expression.AttributeExists(expression.Name("pk"))
	if len(w.Row.From) > 0 {
		condition = condition.And(in(transition.StateAttr, w.Row.From))
	}
	for _, g := range w.Row.Guards {
		condition = condition.And(guard(g, w.Args))
	}
	builder = builder.WithCondition(condition)
	update, any := updates(w.Row, w.Args)
	if any {
		builder = builder.WithUpdate(update)
	}
	return builder.Build()
}

// guard compiles one clause. Like Apply's reading of it, a comparison with an absent attribute is false.
func guard(g transition.Guard, args transition.Args) expression.ConditionBuilder {
	switch g.Op {
	case transition.OpAny:
		return joined(g.Sub, args, expression.ConditionBuilder.Or)
	case transition.OpAll:
		return joined(g.Sub, args, expression.ConditionBuilder.And)
	}
	path := transition.ExpandPath(g.Path, args)
	name := expression.Name(path)
	switch g.Op {
	case transition.OpPresent:
		return expression.AttributeExists(name)
	case transition.OpAbsent:
		return expression.AttributeNotExists(name)
	case transition.OpIn:
		return in(path, g.Values)
	}
	value := operand(g.Operand, args)
	switch g.Op {
	case transition.OpEqual:
		return name.Equal(value)
	case transition.OpLess:
		return name.LessThan(value)
	case transition.OpAtMost:
		return name.LessThanEqual(value)
	case transition.OpMore:
		return name.GreaterThan(value)
	case transition.OpAtLeast:
		return name.GreaterThanEqual(value)
	}
	panic(fmt.Sprintf("dynamostore: no condition for operator %q", g.Op))
}

func joined(sub []transition.Guard, args transition.Args, join func(l, r expression.ConditionBuilder, more ...expression.ConditionBuilder) expression.ConditionBuilder) expression.ConditionBuilder {
	all := guard(sub[0], args)
	for _, g := range sub[1:] {
		all = join(all, guard(g, args))
	}
	return all
}

func in(path string, values []string) expression.ConditionBuilder {
	name, first := expression.Name(path), expression.Value(values[0])
	more := make([]expression.OperandBuilder, 0, len(values))
	for _, v := range values[1:] {
		more = append(more, expression.Value(v))
	}
	return name.In(first, more...)
}

// operand is the other side of a comparison or a set.
func operand(o transition.Operand, args transition.Args) expression.OperandBuilder {
	if o.Kind == transition.FromAttr {
		return expression.Name(transition.ExpandPath(o.Name, args))
	}
	return expression.Value(o.Value(args))
}

// updates compiles the effects. any is false when a row changes nothing but tests a condition.
func updates(row *transition.Row, args transition.Args) (update expression.UpdateBuilder, any bool) {
	for _, e := range row.Effects {
		any = true
		name := expression.Name(transition.ExpandPath(e.Path, args))
		switch e.Verb {
		case transition.VerbRemove:
			update = update.Remove(name)
		case transition.VerbAdd:
			update = update.Add(name, expression.Value(e.Operand.Value(args)))
		case transition.VerbSetOnce:
			update = update.Set(name, expression.IfNotExists(name, expression.Value(e.Operand.Value(args))))
		default:
			update = update.Set(name, operand(e.Operand, args))
		}
	}
	if row.To != "" {
		return update.Set(expression.Name(transition.StateAttr), expression.Value(row.To)), true
	}
	return update, any
}
