# Names for commands; everything that is more than a command lives in the program it names.
# `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# One job at a time: the targets below start programs that use all cores themselves.
.NOTPARALLEL:

CARGO ?= cargo
DENY_VERSION := 0.20.2
PACKAGE = $(CARGO) run --locked --package package --
# The provider as a release has it, for the shell: builds it, and is the path of the program.
BUILT = $$(CARGO="$(CARGO)" tools/built --release --package terraform-provider-novita)
RELEASE = --version "$(VERSION)" --target "$(TARGET)" $(if $(UNSIGNED),--unsigned)
FUZZ_TARGETS := answers errors json msgpack operations requests
# Whether there is valgrind, for the tests that count instructions with it. Where CI is true there has to be.
VALGRIND := $(or $(filter true,$(CI)),$(shell command -v valgrind 2>/dev/null))
TESTS = $(CARGO) test --workspace --locked --no-fail-fast $(if $(VALGRIND),,-- --skip process::instructions)
# Makes git fetch from a local repository where it is told a URL: (URL, folder).
instead-of = GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.file://$(2).insteadOf" GIT_CONFIG_VALUE_0="$(1)"
GO_PEER_SOURCES = $(wildcard benches/peers/go/go.* benches/peers/go/*.go benches/peers/go/internal/*/*.go)
RUST_PEER_SOURCES = $(wildcard $(addprefix benches/peers/tf-provider/,Cargo.* src/*.rs protoc/Cargo.toml protoc/src/*.rs))

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: build
build: need-rust ## Build the provider for release, and say where it is
	@program=$(BUILT) && echo "$$program"

.PHONY: test
test: need-rust need-lint tools lint ## Run everything: lints, unit, protocol, mock and acceptance tests
	@$(if $(VALGRIND),,echo "not run: the tests process::instructions, because valgrind is missing: apt-get install valgrind, or dnf install valgrind")
	@test -n "$$TERRAFORM" || command -v terraform >/dev/null || echo "not run: the tests with the oldest Terraform that is supported, because there is no terraform on the PATH"
	$(TESTS)

.PHONY: test-unit
test-unit: need-rust ## Run the tests that need no client, which is what there is on Windows
	$(CARGO) test --workspace --lib --locked

.PHONY: lint
lint: need-rust need-lint ## Check format, clippy and documentation of every package
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(CARGO) check --package tfplugin --features testing --locked --quiet
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --locked --no-deps --document-private-items --quiet

.PHONY: fmt
fmt: need-rust need-lint ## Format the Rust code
	$(CARGO) fmt --all

.PHONY: demo
demo: need-rust need-cli ## Show a GPU instance's life on the mock API (CLI=tofu or terraform chooses)
	@CARGO="$(CARGO)" CLI="$(CLI)" examples/demo/run

.PHONY: mock
mock: need-rust ## Run the mock API on the loopback until Ctrl-C (PORT=0 takes a free port)
	$(CARGO) run --locked --package mock-cloud -- --port $(or $(PORT),0)

.PHONY: tools
tools: tools/bin/terraform tools/bin/tofu tools/bin/tfplugindocs tools/bin/opa ## Build what tests need (Terraform, OpenTofu, tfplugindocs, opa) into tools/bin

.PHONY: clients
clients: need-rust need-clients tools tools/bin/tflint tools/bin/terraform-ls tools/bin/acceptance tools/bin/cdktn/made tools/bin/checkov/made ## Drive the provider with every client that is known to work (minutes), and write the guide's table
	$(CARGO) test --locked --test it -- --ignored acceptance::clients::

.PHONY: bench-peers
bench-peers: benches/peers/bin/go/terraform-provider-novita benches/peers/bin/tf-provider/terraform-provider-novita benches/peers/bin/time/terraform-provider-time ## Build the peers that make bench measures against into benches/peers/bin

.PHONY: deny
deny: need-rust tools/bin/cargo-deny ## Check advisories, licences, bans and sources of all dependencies (ADVISORIES=clone of RustSec's list)
	$(if $(ADVISORIES),$(call instead-of,https://github.com/RustSec/advisory-db,$(abspath $(ADVISORIES)))) tools/bin/cargo-deny --all-features check

.PHONY: fuzz
fuzz: need-rust need-fuzz ## Throw hostile input at the readers for long (TARGET=msgpack SECONDS=600)
	@for target in $(or $(TARGET),$(FUZZ_TARGETS)); do \
	  mkdir -p fuzz/target/found/$$target; \
	  PATH="$(CURDIR)/tools/bin:$$PATH" $(CARGO) fuzz run --sanitizer none $$target fuzz/target/found/$$target fuzz/corpus/$$target -- \
	    -max_total_time=$(or $(SECONDS),300) -timeout=10 -max_len=16384 || exit 1; \
	done

.PHONY: simulate
simulate: need-rust ## Simulate many lives of machines under faults, optimised (RUNS=10000, or SEED=17 to play one again)
	SIMULATOR_RUNS=$(or $(RUNS),10000) $(if $(SEED),SIMULATOR_SEED=$(SEED)) $(CARGO) test --profile simulator --locked --lib --package terraform-provider-novita -- \
	  --nocapture nothing_is_forgotten_doubled_or_replaced_under_any_fault

.PHONY: docs
docs: need-rust tools/bin/terraform tools/bin/tfplugindocs ## Write the pages of docs/ again from the schema and the examples
	UPDATE_EXPECT=1 $(CARGO) test --locked --test it docs::pages

.PHONY: docs-check
docs-check: need-rust tools/bin/terraform tools/bin/tfplugindocs ## Check that the pages are up to date, and every code block of README and guides
	$(CARGO) test --locked --test it docs::

.PHONY: testacc
testacc: need-rust need-cli need-account ## Test against the real APIs, for money: the cheapest of each, within a price cap
	$(CARGO) build --quiet --locked --package terraform-provider-novita
	$(CARGO) run --quiet --locked --package testacc -- run

.PHONY: sweep
sweep: need-rust need-account ## Remove what earlier runs of testacc left in the real accounts, and nothing else
	$(CARGO) run --quiet --locked --package testacc -- sweep

.PHONY: bench
# What is measured is the program that a release holds.
bench: need-rust need-cli bench-peers ## Measure start-up, memory, size and estates beside the peers (QUICK=1 for a short run)
	$(CARGO) build --release --locked --package bench --bins
	program=$$($(PACKAGE) program) && null=$$($(PACKAGE) program --program bench/null-provider) && \
	$(CARGO) run --quiet --release --locked --package bench -- --provider ours="$$program" --provider null="$$null" $(if $(QUICK),--quick) $(if $(RECORD),--record) $(BENCH_OPTIONS)

.PHONY: golden
golden: need-rust tools ## Rewrite the golden files from what the code says now; review the diff
	UPDATE_EXPECT=1 $(TESTS)

.PHONY: proto
proto: need-rust ## Write the generated gRPC code again from its .proto files
	$(CARGO) run --locked --package proto-gen
	$(CARGO) fmt --all

.PHONY: install-dev
install-dev: need-rust ## Build, and print the CLI configuration that uses this build without init
	@program=$(BUILT) && printf '%s\n' '' 'Put this into ~/.terraformrc (Terraform) or ~/.tofurc (OpenTofu); then plan and apply need no init:' '' \
	  'provider_installation {' '  dev_overrides {' '    "novita/novita" = "'"$${program%/*}"'"' '  }' '  direct {}' '}'

.PHONY: install
install: need-rust ## Build, and put the provider where the CLIs of this user find it at init
	@program=$(BUILT) && tools/install "$$program"

.PHONY: package package-zip package-sum package-sign
package: need-rust ## Make the signed release of this commit for this machine in dist (VERSION=1.2.3, UNSIGNED=1 to try)
	@$(PACKAGE) all $(RELEASE)

package-zip: need-rust ## The first step: build and pack (TARGET=aarch64-apple-darwin for another target)
	@$(PACKAGE) zip $(RELEASE)

package-sum: need-rust ## The second step: describe and sum up the archives of all platforms in dist
	@$(PACKAGE) sum $(RELEASE)

package-sign: need-rust ## The third step: sign the checksums in dist
	@$(PACKAGE) sign $(RELEASE)

# The steps of .github/workflows/release.yml. VERSION is the name of the tag here, `v` included.
.PHONY: release-tools release-check release-publish
release-tools: need-rust
	@tools/package/prepare "$(TARGET)"

release-check:
	cd dist && cat *_SHA256SUMS | sha256sum --check --strict

# The release is a draft until all files are there.
release-publish: need-gh
	gh release create "$(VERSION)" dist/* --verify-tag --title "$(VERSION)" --notes "CHANGELOG.md says what has changed." $(if $(findstring -,$(VERSION)),--prerelease)

tools/bin/cargo-deny: | need-rust
	@echo "building cargo-deny $(DENY_VERSION); it takes some minutes"
	$(CARGO) install cargo-deny --version $(DENY_VERSION) --locked --quiet --root tools

# Builds the program NAME of the module tools/NAME: (how long that takes, package, what makes a release of it).
define go-tool
	@command -v go >/dev/null || { echo "error: go is missing, and $(@F) for the tests is built with it: install Go 1.26.8 or newer from https://go.dev/dl" >&2; exit 1; }
	@echo "building $(@F) for the tests: $(1) the first time, on two cores"
	cd tools/$(@F) && $(if $(wildcard tools/$(@F)/stubs),./stubs && )CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w $(3)" -o ../bin/$(@F) $(2)
	@touch $@
endef

# Without version.dev=no the two call themselves development versions.
tools/bin/terraform: $(wildcard tools/terraform/go.* tools/terraform/stubs)
	$(call go-tool,4 minutes,github.com/hashicorp/terraform,-X github.com/hashicorp/terraform/version.dev=no)

tools/bin/tofu: $(wildcard tools/tofu/go.*)
	$(call go-tool,8 minutes,github.com/opentofu/opentofu/cmd/tofu,-X github.com/opentofu/opentofu/version.dev=no)

tools/bin/tfplugindocs: $(wildcard tools/tfplugindocs/go.*)
	$(call go-tool,half a minute,github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs)

tools/bin/opa: $(wildcard tools/opa/go.*)
	$(call go-tool,2 minutes,github.com/open-policy-agent/opa)

tools/bin/tflint: $(wildcard tools/tflint/go.*)
	$(call go-tool,2 minutes,github.com/terraform-linters/tflint)

tools/bin/terraform-ls: $(wildcard tools/terraform-ls/go.*)
	$(call go-tool,2 minutes,github.com/hashicorp/terraform-ls)

# A suite for HashiCorp's acceptance framework, as a program.
tools/bin/acceptance: $(wildcard tests/clients/acceptance/*)
	cd tests/clients/acceptance && CGO_ENABLED=0 go test -c -mod=readonly -trimpath -ldflags "-s -w" -o ../../../tools/bin/acceptance .

tools/bin/cdktn/made: tools/cdktn/package.json tools/cdktn/package-lock.json
	@echo "installing cdktn for the table of clients; it takes a minute"
	mkdir -p $(@D) && cp $^ $(@D) && cd $(@D) && npm ci --no-audit --no-fund && touch made

tools/bin/checkov/made: tools/checkov/requirements.txt
	@echo "installing checkov for the table of clients; it takes a minute"
	python3 -m venv $(@D) && $(@D)/bin/python -m pip install --quiet --no-deps --requirement $< && touch $@

benches/peers/bin/go/terraform-provider-novita: $(GO_PEER_SOURCES) | need-go
	@echo "building the Go peer; the first time takes a minute"
	cd benches/peers/go && CGO_ENABLED=0 go build -mod=readonly -trimpath -buildvcs=false -ldflags "-s -w" -o ../bin/go/terraform-provider-novita .
	@touch $@

# A small provider of HashiCorp's own, to start beside ours. To pin another version: write it into go.mod, and complete
# go.sum in its folder with `go list -mod=mod -deps github.com/hashicorp/terraform-provider-time >/dev/null`.
benches/peers/bin/time/terraform-provider-time: $(wildcard benches/peers/time/go.*) | need-go
	@echo "building HashiCorp's provider time; the first time takes a minute"
	cd benches/peers/time && CGO_ENABLED=0 go build -mod=readonly -trimpath -buildvcs=false -ldflags "-s -w" -o ../bin/time/terraform-provider-time github.com/hashicorp/terraform-provider-time
	@touch $@

# protoc is needed by a crate of this peer alone: $PROTOC, the one on the PATH, or one that a crate brings.
benches/peers/bin/tf-provider/terraform-provider-novita: $(RUST_PEER_SOURCES) | need-rust
	@echo "building the Rust peer; the first time takes some minutes"
	cd benches/peers/tf-provider && \
	  PROTOC="$${PROTOC:-$$(command -v protoc || $(CARGO) run --quiet --locked --target-dir target --package protoc-path)}" \
	  $(CARGO) build --release --locked --target-dir target
	@mkdir -p $(@D)
	@cp benches/peers/tf-provider/target/release/terraform-provider-novita $@

.PHONY: need-clients need-fuzz need-gh need-go
need-clients:
	@for it in go npm python3; do command -v $$it >/dev/null || { echo "error: $$it is missing, and clients are built or installed with it: https://go.dev/dl, https://nodejs.org (22.19 or newer, but on Linux for x86-64), https://www.python.org" >&2; exit 1; }; done
	@{ test -n "$$TERRAFORM" || command -v terraform >/dev/null; } || { echo "error: the oldest Terraform that is supported is missing on the PATH: https://developer.hashicorp.com/terraform/install" >&2; exit 1; }

need-go:
	@command -v go >/dev/null || { echo "error: go is missing, and the Go peers are built with it: install Go 1.26.8 or newer from https://go.dev/dl" >&2; exit 1; }

need-gh:
	@command -v gh >/dev/null || { echo "error: gh is missing, releases are published with it: https://cli.github.com" >&2; exit 1; }

need-fuzz:
	@PATH="$(CURDIR)/tools/bin:$$PATH"; command -v cargo-fuzz >/dev/null || { echo "error: cargo-fuzz is missing: cargo install cargo-fuzz --locked" >&2; exit 1; }
	@command -v c++ >/dev/null || { echo "error: a C++ compiler is missing, libFuzzer is built with it: install one as c++ (Debian: apt-get install g++)" >&2; exit 1; }

# A missing tool is an error that says how to get it, before anything is half done.
.PHONY: need-rust need-lint need-cli need-account
need-account:
	@test "$$TF_ACC" = 1 || { echo "error: TF_ACC is not 1: this rents hardware for money or removes it, so set TF_ACC=1 to say that you mean it" >&2; exit 1; }
	@test -n "$$NOVITA_API_KEY$$NOVACLOUD_API_KEY" || { echo "error: NOVITA_API_KEY and NOVACLOUD_API_KEY are missing: take keys from the vendors' consoles (TESTACC_ONLY=gpu,cpu,endpoint or vm needs one of them)" >&2; exit 1; }

need-rust:
	@command -v $(CARGO) >/dev/null || { echo "error: cargo is missing: install Rust 1.88 or newer from https://rustup.rs" >&2; exit 1; }
	@command -v cc >/dev/null || { echo "error: a C compiler is missing: install one as cc (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)" >&2; exit 1; }

need-lint:
	@$(CARGO) fmt --version >/dev/null 2>&1 && $(CARGO) clippy --version >/dev/null 2>&1 || { echo "error: rustfmt or clippy is missing: rustup component add rustfmt clippy" >&2; exit 1; }

# Without a CLI the one is built that takes the least time.
need-cli:
	@if test -n "$$TERRAFORM$$TOFU" || command -v terraform >/dev/null || command -v tofu >/dev/null || test -x tools/bin/terraform || test -x tools/bin/tofu; then :; \
	elif command -v go >/dev/null; then $(MAKE) --no-print-directory tools/bin/terraform; \
	else echo "error: neither terraform nor tofu is here, nor Go to build one: install Terraform from https://developer.hashicorp.com/terraform/install, or OpenTofu from https://opentofu.org/docs/intro/install" >&2; exit 1; fi
