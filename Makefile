# The commands a person types; CI calls these and nothing else.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.PHONY: help demo build test chaos attacks fuzz lint advisories fmt bench package packagetest clean

# Where rustup puts cargo; a shell that was open before rustup came has no such PATH yet.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

# Cargo is always asked for the whole workspace: with fewer packages it would choose other features
# for shared dependencies and compile them a second time, wasmtime among them.
DEMO_ARGS ?=
TEST_ARGS ?=
BENCH_ARGS ?=
CHAOS ?=
ATTACKS ?=
FUZZ ?=

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r target text; do \
	  printf '  make %-10s %s\n' "$$target" "$$text"; done

demo: build ## See log lines from a Kafka broker become SOAR containers (DEMO_ARGS="...")
	@$(or $(CARGO_TARGET_DIR),target)/debug/kafka-soar demo $(DEMO_ARGS)

build: ## Build the product: target/debug/kafka-soar (the one profile is optimised)
	@.ci/setup build
	@cargo build --workspace

test: ## Run every test, a real Kafka broker included (TEST_ARGS="name")
	@.ci/setup test
	@.ci/cargo-test $(TEST_ARGS)

chaos: ## Kill everything while it works, and count (CHAOS="mode=serve kills=N …")
	@.ci/setup test
	@cargo build --workspace
	KAFKA_SOAR_CHAOS="$(or $(findstring mode=serve,$(CHAOS)),mode=poll) seed=random messages=100000 kills=50 $(CHAOS)" \
	  cargo test --workspace --test all -- --nocapture chaos::

attacks: ## Make random attacks beside a parser that breaks no rule (ATTACKS="1000 seed=N")
	@.ci/setup test
	KAFKA_SOAR_ATTACKS="$(or $(ATTACKS),1000)" cargo test --workspace --test all -- --nocapture laws::interleaved

fuzz: ## Throw damaged input at whatever reads from outside (FUZZ="seconds=600 target=admission")
	@.ci/setup fuzz
	@.ci/fuzz $(FUZZ)

lint: ## Check format, clippy's rules, dependencies and the shell scripts
	@.ci/setup lint
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy $(GUESTS) -- -D warnings
	cargo clippy $(WASI_GUESTS) -- -D warnings
	@if command -v shellcheck >/dev/null; then \
	  echo shellcheck -x $(SCRIPTS); shellcheck -x $(SCRIPTS); \
	else echo 'shellcheck was not found: the shell scripts were not checked'; fi
	$(DENY) check bans licenses sources
	$(DENY) --manifest-path fuzz/Cargo.toml check --allow unmatched-skip bans licenses sources

advisories: ## Ask RustSec's database about the dependencies (needs a network)
	@.ci/setup lint
	@$(DENY) fetch db || { echo "the advisories were not checked: RustSec's database is a git repository on github.com," \
	  'which this machine could not reach (see above)' >&2; exit 1; }
	$(DENY) check --disable-fetch advisories
	$(DENY) --manifest-path fuzz/Cargo.toml check --disable-fetch advisories

fmt: ## Format the code
	@.ci/setup build
	cargo fmt --all
	cargo fmt --manifest-path fuzz/Cargo.toml

bench: ## Measure parsing and polling (BENCH_ARGS="...")
	@.ci/setup bench
	cargo bench --profile dev --workspace $(BENCH_ARGS)

package: ## Build the apps that SOAR installs, into target/package (BINARY=path of the binary in them)
	@$(if $(BINARY),,.ci/setup build && cargo build --workspace)
	@mkdir -p $(PACKAGES)
	@python3 host/soar-app/notices.py > $(PACKAGES)/NOTICE
	@python3 host/soar-app/package.py base $(PACKAGE)
	@$(SOAR_SDK)/bin/python -c 'import soar_sdk' 2>/dev/null || { $(PYTHON313) -m venv $(SOAR_SDK) && \
	  $(SOAR_SDK)/bin/pip install --quiet splunk-soar-sdk==7.0.3 uv; }
	@PATH="$(abspath $(SOAR_SDK))/bin:$$PATH" $(SOAR_SDK)/bin/python host/soar-app/package.py sdk $(PACKAGE)

packagetest: package ## Install both packages and run them
	@.ci/setup test
	KAFKA_SOAR_PYTHON313="$(PYTHON313)" cargo test --workspace --test all -- --ignored --nocapture soar_app::packages

clean: ## Remove what was built, the test broker's downloads included
	cargo clean

BINARY ?=
# SOAR 7 has this one, and the SDK's tools want no other.
PYTHON313 ?= python3.13
SOAR_SDK := target/tools/soar-sdk
PACKAGES := target/package
PACKAGE = --binary $(or $(BINARY),$(or $(CARGO_TARGET_DIR),target)/debug/kafka-soar) --output $(PACKAGES) --notice $(PACKAGES)/NOTICE

# What is compiled for wasm32 only, in the target directory that its builds use.
GUESTS := --target-dir target/guests --target wasm32-unknown-unknown -p kafka-soar-parser -p default-parser -p hostile-guest -p picky-guest -p echo-rust-guest
WASI_GUESTS := --target-dir target/guests --target wasm32-wasip2 -p reaching-guest
SCRIPTS := .ci/run .ci/setup .ci/cargo-test .ci/fuzz tests/testbed/broker tests/testbed/secure.bash tests/testbed/security tests/guests/build-foreign $(wildcard tests/guests/echo-*/build) parser-sdk/c/tests/run parsers/python-runner/build
DENY := target/tools/bin/cargo-deny --config .ci/deny.toml --locked
