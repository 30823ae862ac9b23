package transition

// Text is the string at a dotted path; "" when there is none.
func (i Item) Text(path string) string {
	s, _ := i.Get(path).(string)
	return s
}

// Int is the number at a dotted path; 0 when there is none.
func (i Item) Int(path string) int64 {
	n, _ := i.Get(path).(int64)
	return n
}

// Flag is the boolean at a dotted path; false when there is none.
func (i Item) Flag(path string) bool {
	b, _ := i.Get(path).(bool)
	return b
}

// Strings is the list at a dotted path; nil when there is none.
func (i Item) Strings(path string) []string {
	list, _ := i.Get(path).([]string)
	return list
}

// Sub is the nested item at a dotted path; nil when there is none.
func (i Item) Sub(path string) Item {
	sub, _ := i.Get(path).(Item)
	return sub
}
