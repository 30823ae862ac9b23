# Everyday commands. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

STAGE ?= staging
LOCAL := .local/bin/local
TOOLS := .tools
LINTER := $(TOOLS)/bin/golangci-lint
LINTER_VERSION := v2.15.0
SAM := $(TOOLS)/sam/bin/sam

# The one place for build flags: small, static, reproducible binaries (docs/decisions says what each is worth).
BUILD_ENV := CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false -tags=lambda.norpc -ldflags=-s'

# The launcher is a program of its own, so that Ctrl-C and exit codes are its own too.
BUILD_LOCAL := go build -o $(LOCAL) ./local
# What needs the running stack has a run of its own.
UNIT_PACKAGES = $$(go list ./... | grep -v -e /dynamostore -e /local/e2e)
REPORT := go run ./local/testreport -results .local/tests.txt
FORMATTED = test -z "$$(gofmt -l functions shared local)" || { gofmt -l functions shared local; echo "run: gofmt -w functions shared local"; exit 1; }

.PHONY: help demo up token test check unit stack-tests lint build bench fuzz golden invoke deploy logs tools clean

help: ## list these commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## run the main job end to end on this machine; no keys, no Docker, no AWS account
	@$(BUILD_LOCAL) && $(LOCAL) demo

up: ## run the whole stack until Ctrl-C; addresses and accounts are printed
	@$(BUILD_LOCAL) && $(LOCAL) up

token: ## print an access token of the running stack: make token USER=alice@example.com
	@$(BUILD_LOCAL) && $(LOCAL) token $(if $(filter command line,$(origin USER)),$(USER)) # not the shell's own USER

test: lint unit stack-tests ## everything: lint, unit tests, and the tests on the deployed local stack
	@$(REPORT) -requirements docs/requirements.md

check: ## the fast part: formatting, vet, unit tests without the race detector
	@$(FORMATTED)
	@go vet ./...
	@go test $(UNIT_PACKAGES)

unit:
	@echo "==> unit tests, with the race detector"
	@mkdir -p .local && rm -f .local/tests.txt
	@go test -race -json $(UNIT_PACKAGES) | $(REPORT)

stack-tests:
	@echo "==> tests on the deployed local stack"
	@$(BUILD_LOCAL) && $(LOCAL) test -- bash -o pipefail -c 'go test -count=1 -parallel 16 -timeout 40m -json ./shared/dynamostore/... ./local/e2e/... | $(REPORT)'

lint: tools $(LINTER) ## gofmt, a tidy go.mod, go vet, golangci-lint with staticcheck, and cfn-lint on the template
	@echo "==> lint"
	@$(FORMATTED)
	@go mod tidy -diff
	@go vet ./...
	@$(LINTER) run ./...
	@SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint --template-file template.yaml --config-env local

tools:
	@$(BUILD_LOCAL) && $(LOCAL) tools

$(LINTER):
	@echo "==> installing golangci-lint $(LINTER_VERSION) into $(TOOLS) (once; builds from source, a few minutes)"
	@GOBIN=$(CURDIR)/$(TOOLS)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINTER_VERSION)

build: tools ## compile the functions as they are deployed, into .aws-sam/build
	@$(BUILD_ENV) SAM_CLI_TELEMETRY=0 $(SAM) build --config-env $(STAGE)

bench: ## measure call counts, write units, sizes and speed, and print them against their goals
	@$(BUILD_LOCAL) && $(LOCAL) bench

fuzz: ## run every fuzz target for FUZZTIME each (default 30s)
	@for package in $$(grep -rl --include='*_test.go' '^func Fuzz' functions shared local | xargs -n1 dirname | sort -u); do \
	  for target in $$(grep -h -o '^func Fuzz[A-Za-z0-9]*' $$package/*_test.go | cut -d' ' -f2); do \
	    echo "==> $$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $${FUZZTIME:-30s} ./$$package; done; done

golden: ## write the golden files anew (OpenAPI document, compiled expressions, answers); review the difference
	@go test ./shared/... -update

invoke: ## call one deployed function of the running stack: make invoke FUNCTION=sweep EVENT=events/sweep.json
	@$(BUILD_LOCAL) && $(LOCAL) invoke $(FUNCTION) $(EVENT)

deploy: build ## deploy to a stage in your AWS account: make deploy STAGE=staging
	@$(SAM) deploy --config-env $(STAGE)

logs: ## follow the logs of a stage: make logs STAGE=staging
	@$(SAM) logs --tail --config-env $(STAGE)

clean: ## remove tools, build output and local data
	rm -rf .tools .local .aws-sam demo
