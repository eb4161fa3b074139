# What one types. Each target brings the system packages it needs, then does its
# work; how is in .ci/. `make help` lists the targets.

SHELL     := bash
GO        ?= go
BUILD     := build
PKGS      ?= ./...
TESTFLAGS ?=
FUZZTIME  ?= 60s

# golangci-lint and its 200 dependencies live in a module of their own.
LINT := $(GO) tool -modfile=.ci/lint/go.mod golangci-lint

# Tests named TestBulk… handle more rows than the race detector bears; they sit
# in files with `//go:build !race` and have a pass of their own.
BULK = grep -rlE --include='*_test.go' '^func TestBulk' . | sed 's|/[^/]*$$||' | sort -u

.DEFAULT_GOAL := help
.PHONY: help run build test lint fmt fuzz contracts simulate crashtest windows clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the till with a demo shop; without a display it plays one scripted sale
	@.ci/install build
	$(GO) build -o $(BUILD)/ ./cmd/cashier
	@.ci/start

build: ## cashier, cashierctl and hqsim into build/
	@.ci/install build
	$(GO) build -o $(BUILD)/ ./cmd/cashier ./cmd/cashierctl ./cmd/hqsim

test: ## all tests under the race detector, then those with bulk data without it
	@.ci/install build
	$(GO) test -race -timeout 20m $(TESTFLAGS) $(PKGS)
	@bulk=$$($(BULK)); if [ -n "$$bulk" ]; then \
	  set -x; $(GO) test -run '^TestBulk' -timeout 20m $(TESTFLAGS) $$bulk; fi

lint: ## golangci-lint with the doors between the rooms, shellcheck for the scripts
	@.ci/install build lint
	$(LINT) run $(PKGS)
	shellcheck -x -P SCRIPTDIR .ci/lib $$(grep -l -d skip '^#!/usr/bin/env bash' .ci/*)

fmt: ## gofmt and goimports, written back
	$(LINT) fmt

fuzz: ## every Fuzz target for FUZZTIME (60s)
	@.ci/install build
	FUZZTIME=$(FUZZTIME) .ci/fuzz

contracts: build ## every action of every remote contract through cashierctl and hqsim
	.ci/contracts

simulate: build ## the payment path on a million random faults; about 10 min
	.ci/simulate

crashtest: ## kill -9 at every write point and at random, in full; about 3 min
	@.ci/install build
	CRASH_EACH=20 CRASH_RANDOM=400 $(GO) test -count=1 -v -timeout 60m ./app/crashtest

windows: ## cashier.exe, cashierctl.exe and hqsim.exe into build/; cold about 10 min
	@.ci/install windows
	CC=x86_64-w64-mingw32-gcc CGO_ENABLED=1 GOOS=windows GOARCH=amd64 \
	  $(GO) build -trimpath -ldflags '-H=windowsgui -extldflags=-static' -o $(BUILD)/cashier.exe ./cmd/cashier
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) build -trimpath -o $(BUILD)/ ./cmd/cashierctl ./cmd/hqsim

clean: ## removes build/
	rm -rf $(BUILD)
