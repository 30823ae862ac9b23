package main

import (
	"context"
	"fmt"

	"darkroom/local/stack"
)

const toolsHelp = `go run ./local tools          (or: make tools)

Installs MiniStack (the local AWS) and the SAM CLI into .tools/, in the exact versions of requirements-*.txt, and does
nothing when they are there already. The other commands do this themselves; by itself it is for continuous integration
and for people about to lose their network.

Examples:
  go run ./local tools
  .tools/sam/bin/sam validate --lint --config-env local
`

// tools installs the tools.
func tools(ctx context.Context, s session) error {
	if len(s.arguments) > 0 {
		return usageError(fmt.Sprintf("tools takes no arguments, got %q", s.arguments))
	}
	return stack.ToolsIn(s.root).Install(ctx, stack.NewProgress(s.stderr))
}
