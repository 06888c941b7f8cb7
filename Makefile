# What a developer of Heirloom runs. `make` alone lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GO ?= go
# Where the chat demo listens.
ADDR ?= 127.0.0.1:3000
# How long each fuzz target runs.
FUZZTIME ?= 30s
# How often each benchmark runs; benchstat wants 10.
COUNT ?= 1
# The longest a single package's tests may take.
TIMEOUT ?= 18m

TOOL := $(GO) tool -modfile=tools/go.mod
LINTER := $(GO) tool -modfile=tools/lint/go.mod golangci-lint
CLIENTS := compat/interop/node
# Modules of their own, whose requirements users of the library do not get.
MODULES := webtransport examples/auth
# npm writes this file last, so its age is the age of the installation.
INSTALLED := $(CLIENTS)/node_modules/.package-lock.json

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: ## start the chat demo and print its address (ADDR=host:port)
	@$(GO) run ./examples/chat -addr $(ADDR)

.PHONY: demo-clients
demo-clients: $(INSTALLED) ## install the genuine clients that the demo shows side by side

$(INSTALLED): $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@scripts/require.sh node
	cd $(CLIENTS) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: test
test: export CI := true
test: require $(INSTALLED) ## vet, every test with the race detector, and the budgets without it; nothing is skipped
	$(GO) vet ./...
	$(GO) test -race -shuffle=on -timeout $(TIMEOUT) ./...
	$(GO) test -count=1 ./compat/budget
	for m in $(MODULES); do (cd $$m && $(GO) vet ./... && $(GO) test -race -shuffle=on -timeout $(TIMEOUT) ./...); done

.PHONY: require
require:
	@scripts/require.sh cc node chromium nginx haproxy

.PHONY: lint
lint: lint-format lint-imports lint-api apidiff ## formatting, vet, staticcheck, golangci-lint, import directions, exported names
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(LINTER) run
	for m in $(MODULES); do (cd $$m && $(GO) vet ./... && \
		$(GO) tool -modfile=$(CURDIR)/tools/go.mod staticcheck ./... && \
		$(GO) tool -modfile=$(CURDIR)/tools/lint/go.mod golangci-lint run --config $(CURDIR)/.golangci.yml); done

.PHONY: lint-format
lint-format:
	@unformatted=$$($(TOOL) gofumpt -l .); \
	if [[ -n $$unformatted ]]; then echo "not formatted (make format):"; echo "$$unformatted"; exit 1; fi

.PHONY: lint-imports
lint-imports:
	$(GO) test -count=1 -run "^TestImports" ./internal/testkit

.PHONY: lint-api
lint-api:
	$(GO) test -count=1 -run '^TestExports$$' ./internal/testkit -complete
	cd webtransport && $(GO) test -count=1 -run '^TestExports$$' . -complete

.PHONY: api
api: ## write what is exported into the records in api/
	$(GO) test -count=1 -run '^TestExports$$' ./internal/testkit -update
	cd webtransport && $(GO) test -count=1 -run '^TestExports$$' . -update

.PHONY: apidiff
apidiff: ## fail for changes of the API that break users (BASE=newest tag, or where api/ begins)
	@scripts/apidiff.sh $(BASE)

.PHONY: format
format: ## rewrite the Go files with gofumpt
	$(TOOL) gofumpt -w .

.PHONY: bench
bench: ## every benchmark (COUNT=10 for benchstat); the results stay in bench.txt
	$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) ./... | tee bench.txt

.PHONY: fuzz
fuzz: ## every fuzz target of every module in turn (FUZZTIME=30s each)
	@scripts/fuzz.sh $(FUZZTIME) webtransport

.PHONY: cover
cover: $(INSTALLED) ## test coverage over all packages, the profile in cover.out
	$(GO) test -timeout $(TIMEOUT) -coverpkg=./... -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out | tail -n 1

.PHONY: vuln
vuln: ## look for known vulnerabilities (needs the network)
	$(TOOL) govulncheck ./...
