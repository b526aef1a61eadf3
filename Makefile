# Everything a developer of dp does. `make` alone lists it.
CARGO ?= cargo
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build test test-engines demo bench fmt lint fuzz engine fixtures clean
# one line a step, before it: make itself prints nothing
.SILENT:
MAKEFLAGS += --no-print-directory

# bench/ is a package of its own, so that nothing it needs is built with dp.
BENCH := --manifest-path bench/Cargo.toml --target-dir target
# Builds dp for release and prints where it lies: the directory is named after the machine.
DP := $(CARGO) build --release --bin dp --message-format=json-render-diagnostics | \
	sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
say = printf '\n== %s\n' "$(1)" >&2

help: ## list what there is to make
	sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

build: ## build dp for release, and say where it is
	$(DP)

test: fixtures ## check formatting, lints and every test, on a real engine
	scripts/fuzz compiler
	$(MAKE) lint
	$(call say,tests)
	# tests send signals; whoever calls us may ignore them, and children would too
	env --default-signal=INT,HUP,QUIT,PIPE $(CARGO) test --no-fail-fast
	$(call say,fuzzing)
	scripts/fuzz 60
	$(call say,all passed)

test-engines: fixtures ## run the engine tests and the attacks against the Docker of newer Debian releases too (some ten minutes)
	# these install packages, and containers of that engine reach none
	set -- env --default-signal=INT,HUP,QUIT,PIPE $(CARGO) test --no-fail-fast --test engine --test wall -- --skip packages:: --skip installation \
		--skip examples::python --skip examples::node --skip examples::every --skip home::packages
	$(call say,Docker of Debian trixie)
	scripts/engine-newer trixie "$$@"
	$(call say,Docker of Debian forky)
	scripts/engine-newer forky "$$@"
	$(call say,Docker of Debian forky with its images in containerd)
	DP_DOCKERD_ARGS='--feature containerd-snapshotter=true' scripts/engine-newer forky "$$@"
	$(call say,all engines passed)

demo: ## show dp at work: a sandbox on examples/hello
	scripts/demo

bench: engine ## measure dp against the docker CLI and the engine, write bench/RESULTS.md (ARGS=--check fails on a missed budget)
	$(call say,building for release)
	dp=$$($(DP))
	$(CARGO) build --release $(BENCH)
	$(call say,images)
	scripts/fixtures busybox static
	$(call say,measuring)
	$(CARGO) run --quiet --release $(BENCH) -- --dp "$$dp" $(ARGS)

fmt: ## format the sources
	$(CARGO) fmt
	$(CARGO) fmt --manifest-path bench/Cargo.toml

lint: ## check formatting and lints, change nothing
	$(call say,formatting)
	$(CARGO) fmt --check
	$(CARGO) fmt --manifest-path bench/Cargo.toml --check
	$(call say,lints)
	$(CARGO) clippy --all-targets -- -D warnings
	$(CARGO) clippy $(BENCH) --all-targets -- -D warnings

fuzz: ## give every fuzz target a minute (SECONDS=600 more)
	scripts/fuzz $(or $(SECONDS),60)

engine: ## make sure that a Docker engine answers
	$(call say,engine)
	scripts/engine

fixtures: ## make the images that the tests need
	$(call say,engine and images)
	scripts/engine
	scripts/fixtures

clean: ## remove what was built; images and volumes stay
	$(CARGO) clean

# recipes run as one script each, so variables and loops last
.ONESHELL:
