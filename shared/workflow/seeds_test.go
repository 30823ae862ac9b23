//go:build !race

package workflow_test

// seeds is how many runs the simulation takes.
const seeds = 2000
