//go:build race

package workflow_test

// seeds is how many runs the simulation takes. With the race detector a run is ten times slower, and nearly all of it is one goroutine, so there is little
// to detect.
const seeds = 300
