# The commands of lawlab. Their names are stable: scripts outside the repository call them.
#
#   make run     build .venv when needed, make the demo data when there is none, serve
#   make test    the same environment with the test tools, then every test
#   make check   format, lint, types, layers, content, then the tests
#   make bench   every benchmark, or one: make bench BENCH=pages
#   make lock    compile the locks again from pyproject.toml
#
# PORT=, DATA= and LAWLAB_DATABASE_URL= change what `make run` serves, and where.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.PHONY: run install test dev debian check bench lock

PORT ?= 8000
DATA ?= data
BENCH ?=
BIN := .venv/bin

# Tests and benchmarks make installations of their own.
CLEAN := env -u LAWLAB_PORT -u LAWLAB_DATA -u LAWLAB_DATABASE_URL

export LAWLAB_PORT := $(PORT)
export LAWLAB_DATA := $(abspath $(DATA))

run: install
	@platform/deploy/run.sh

install:
	@platform/deploy/environment.sh

dev:
	@platform/deploy/environment.sh --dev

debian:
	@platform/deploy/debian.sh

test: debian dev
	@$(CLEAN) $(BIN)/python -m pytest $(ARGS)

check: dev
	@test ! -e platform/__init__.py || { echo "platform/__init__.py would shadow Python's own module platform"; exit 1; }
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/lawlab bank check
	$(BIN)/lawlab course check
	@$(MAKE) --no-print-directory test

bench: debian dev
	@for file in $(if $(BENCH),tests/bench/$(subst -,_,$(BENCH)).py,tests/bench/[a-z]*.py); do \
		$(CLEAN) $(BIN)/python "$$file"; \
	done

# The locks name no index and no machine; they hold for whoever installs from wherever.
COMPILE := pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

lock: dev
	$(BIN)/$(COMPILE) --output-file requirements.lock pyproject.toml
	$(BIN)/$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	$(BIN)/python platform/deploy/conda.py
