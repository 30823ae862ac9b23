package transition

import "strings"

// Op says how a guard compares.
type Op string

// The comparisons. An absent attribute satisfies none of them except Absent.
const (
	OpEqual   Op = "="
	OpLess    Op = "<"
	OpAtMost  Op = "<="
	OpMore    Op = ">"
	OpAtLeast Op = ">="
	OpIn      Op = "in"
	OpPresent Op = "present"
	OpAbsent  Op = "absent"
	OpAny     Op = "any" // one of Sub holds
	OpAll     Op = "all" // every one of Sub holds
)

// Guard is one clause of a condition.
type Guard struct {
	Op      Op
	Path    string
	Operand Operand
	Values  []string // OpIn
	Sub     []Guard  // OpAny, OpAll
}

// Operand is a constant, a parameter of the move, or another attribute of the same item.
type Operand struct {
	Kind  OperandKind
	Name  string // parameter or attribute
	Fixed any    // constant
}

// OperandKind tells where an operand's value comes from.
type OperandKind string

// Where an operand's value comes from.
const (
	FromConst OperandKind = "const"
	FromParam OperandKind = "param"
	FromAttr  OperandKind = "attr"
)

// Const is a fixed value.
func Const(v any) Operand { return Operand{Kind: FromConst, Fixed: v} }

// Param is a value the move brings along.
func Param(name string) Operand { return Operand{Kind: FromParam, Name: name} }

// Attr is the value of another attribute of the item.
func Attr(path string) Operand { return Operand{Kind: FromAttr, Name: path} }

// Equal holds when the attribute has the operand's value.
func Equal(path string, o Operand) Guard { return Guard{Op: OpEqual, Path: path, Operand: o} }

// Less holds when the attribute is below the operand.
func Less(path string, o Operand) Guard { return Guard{Op: OpLess, Path: path, Operand: o} }

// AtMost holds when the attribute is not above the operand.
func AtMost(path string, o Operand) Guard { return Guard{Op: OpAtMost, Path: path, Operand: o} }

// More holds when the attribute is above the operand.
func More(path string, o Operand) Guard { return Guard{Op: OpMore, Path: path, Operand: o} }

// AtLeast holds when the attribute is not below the operand.
func AtLeast(path string, o Operand) Guard { return Guard{Op: OpAtLeast, Path: path, Operand: o} }

// In holds when the attribute is one of the values.
func In(path string, values ...string) Guard { return Guard{Op: OpIn, Path: path, Values: values} }

// Present holds when the attribute is there.
func Present(path string) Guard { return Guard{Op: OpPresent, Path: path} }

// Absent holds when the attribute is not there.
func Absent(path string) Guard { return Guard{Op: OpAbsent, Path: path} }

// Any holds when one of the guards holds.
func Any(sub ...Guard) Guard { return Guard{Op: OpAny, Sub: sub} }

// All holds when every guard holds.
func All(sub ...Guard) Guard { return Guard{Op: OpAll, Sub: sub} }

// Verb says what an effect does to its attribute.
type Verb string

// The effects.
const (
	VerbSet     Verb = "set"
	VerbSetOnce Verb = "set once" // keeps the value that is there
	VerbAdd     Verb = "add"      // number; absent counts as 0
	VerbRemove  Verb = "remove"
)

// Effect is one change of one attribute.
type Effect struct {
	Verb    Verb
	Path    string
	Operand Operand
}

// Set gives the attribute the operand's value.
func Set(path string, o Operand) Effect { return Effect{Verb: VerbSet, Path: path, Operand: o} }

// SetOnce gives the attribute the operand's value unless it has one.
func SetOnce(path string, o Operand) Effect { return Effect{Verb: VerbSetOnce, Path: path, Operand: o} }

// Add adds a number, which may be negative.
func Add(path string, o Operand) Effect { return Effect{Verb: VerbAdd, Path: path, Operand: o} }

// Remove drops the attribute.
func Remove(path string) Effect { return Effect{Verb: VerbRemove, Path: path} }

// ExpandPath fills parameters written as {name} into an attribute path: "attempts.{n}.job" becomes "attempts.2.job".
func ExpandPath(path string, args Args) string {
	open := strings.IndexByte(path, '{')
	if open < 0 {
		return path
	}
	end := open + strings.IndexByte(path[open:], '}')
	return path[:open] + format(args[path[open+1:end]]) + ExpandPath(path[end+1:], args)
}
