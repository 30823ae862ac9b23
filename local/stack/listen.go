package stack

import (
	"context"
	"crypto"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"darkroom/local/edge"
	"darkroom/local/simulator"
)

// listen starts everything that listens, all of it on loopback addresses: the local AWS, the three edges, the providers.
func (s *Stack) listen(ctx context.Context, ministack tool, keys *keys, imageTime time.Duration) (err error) {
	logger, err := s.edgeLog()
	if err != nil {
		return err
	}
	if s.aws, err = startAWS(ctx, ministack, s.folders, logger); err != nil {
		return err
	}
	s.onClose(s.aws.close)
	s.api = edge.NewAPI(s.aws.gateway)
	if s.apiServer, err = edge.Listen(s.api, logger); err != nil {
		return err
	}
	s.onClose(func() { s.apiServer.Close() })
	s.cdn = edge.NewCDN(s.aws.gateway, map[string]crypto.PublicKey{localName("CdnKey"): &keys.cdn.PublicKey})
	if s.cdnServer, err = edge.Listen(s.cdn, logger); err != nil {
		return err
	}
	s.onClose(func() { s.cdnServer.Close() })
	if s.Simulator, err = startSimulator(ctx, keys, imageTime); err != nil {
		return err
	}
	s.onClose(s.Simulator.Close)
	return nil
}

// edgeLog is where the edges report connections that broke.
func (s *Stack) edgeLog() (*log.Logger, error) {
	file, err := os.Create(filepath.Join(s.folders.logs, "edges.log"))
	if err != nil {
		return nil, fmt.Errorf("open the edges' log: %w", err)
	}
	s.onClose(func() { file.Close() })
	return log.New(file, "", log.LstdFlags), nil
}

// startSimulator starts the providers, which accept this stack's keys only.
func startSimulator(ctx context.Context, keys *keys, imageTime time.Duration) (*simulator.Server, error) {
	if imageTime == 0 {
		imageTime = time.Second
	}
	accepted := map[string][]string{"openai/moderations": {keys.moderation}}
	for provider, key := range keys.providers {
		accepted[provider] = []string{key}
	}
	// ctx bounds the start only; Close ends the simulator.
	return simulator.Start(context.WithoutCancel(ctx), "127.0.0.1:0", simulator.Options{Keys: accepted, Delay: imageTime})
}
