// Package stack runs the whole product on one machine: the real template, built and deployed by the real SAM CLI into a local AWS
// (MiniStack), with edge proxies in front of it and the provider simulator behind it. Nothing of it needs Docker, an AWS account or a
// provider's key, and everything listens on the loopback interface only.
package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"darkroom/local/edge"
	"darkroom/local/simulator"
)

// Options say how to start a stack.
type Options struct {
	// Root is the repository's folder. The stack keeps its files in .local/ and its tools in .tools/ below it.
	Root string
	// Progress tells what is being done; nil: nobody.
	Progress *Progress
	// ImageTime is how long the simulated providers take to make an image; 0: one second.
	ImageTime time.Duration
}

// Stack is a running stack. It runs until Close, or until its process ends, however that happens.
type Stack struct {
	// Info is what clients need, as written to .local/stack.json.
	Info *Info
	// Simulator plays the image providers.
	Simulator *simulator.Server

	aws       *localAWS
	api       *edge.API
	apiServer *edge.Server
	cdn       *edge.CDN
	cdnServer *edge.Server

	folders folders
	mu      sync.Mutex
	closers []func() // in the order they were added
}

// Start brings a stack up. The first time it installs tools and compiles everything, which takes minutes; later it takes seconds.
// ctx bounds the start only. Errors say what failed, with the last lines of the failing program's log; nothing is left running then.
func Start(ctx context.Context, options Options) (stack *Stack, err error) {
	root, err := filepath.Abs(options.Root)
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	s := &Stack{folders: foldersIn(root)}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	release, err := takeLock(s.folders.local)
	if err != nil {
		return nil, err
	}
	s.onClose(release) // runs last
	if err := s.folders.makeReady(); err != nil {
		return nil, err
	}
	s.onClose(s.folders.removeTemporary)
	tools := ToolsIn(root)
	if err := tools.Install(ctx, options.Progress); err != nil {
		return nil, err
	}
	sam := samCLI{tool: tools.sam, root: root, folders: s.folders, progress: options.Progress}
	if err := sam.build(ctx); err != nil {
		return nil, err
	}
	if err := s.bring(ctx, sam, tools.ministack, options); err != nil {
		return nil, err
	}
	return s, nil
}

// bring starts everything that listens, deploys the built functions into it, and fills in what a deployment leaves open.
func (s *Stack) bring(ctx context.Context, sam samCLI, ministack tool, options Options) error {
	source, err := sam.read(ctx)
	if err != nil {
		return err
	}
	keys, err := newKeys()
	if err != nil {
		return err
	}
	options.Progress.Step("start: local AWS, edge proxies, provider simulator …")
	if err := s.listen(ctx, ministack, keys, options.ImageTime); err != nil {
		return err
	}
	launcher, err := s.parameters(keys)
	if err != nil {
		return err
	}
	parameters, err := source.parameters(launcher)
	if err != nil {
		return err
	}
	localTemplate(source.Template, parameters)
	if err := sam.deploy(ctx, s.aws.server.URL, source.Template, parameters); err != nil {
		return err
	}
	options.Progress.Step("fill in: routes, secrets, users …")
	deployed, err := readDeployment(ctx, rootConfig(s.aws.server.URL), source.StackName, parameters)
	if err != nil {
		return err
	}
	if s.Info, err = s.fillIn(ctx, deployed, keys); err != nil {
		return err
	}
	path := s.folders.infoPath()
	s.onClose(func() { os.Remove(path) })
	return s.Info.write(path)
}
