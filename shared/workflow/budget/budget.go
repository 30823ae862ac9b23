// Package budget says what a task may cost in AWS calls and write units, and works out write units from items by DynamoDB's published rules.
package budget

// What one image may cost when nothing goes wrong: a job provider, an open account, warm caches, and a first poll that finds the job done.
const (
	DynamoDBCalls = 9    // create and settle transactions, five updates, two reads
	QueueSends    = 3    // the submit hint, all poll hints in one batch, the store hint
	ObjectPuts    = 2    // original and preview
	WriteUnits    = 23   // with a request of up to 2 KB
	HotItem       = 1024 // bytes of the task's item at its largest: one more would double the price of every update
)

// What one call of the API may cost.
const (
	CreateTransactions = 1 // request, tasks, holds and balance together
	CreateSends        = 1 // hints of all tasks of the request
	StateReads         = 1 // for any number of tasks asked for by their ids
)
