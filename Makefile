# Needs Python 3.11 or newer, make, git and a C compiler; everything else goes into .venv.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
INSTANCE ?= instance
BIN := .venv/bin
STUDYHUB := $(BIN)/studyhub --instance $(INSTANCE)

.DEFAULT_GOAL := help
.PHONY: help setup run test fast coverage check mutants docs bench bench-deid assets

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# -- the environment: from the lock with its hashes, anew when the lock changes ---------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed. Say which: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

setup: .venv/dev.stamp ## Make .venv with everything locked, for development

# -- run --------------------------------------------------------------------------------

run: .venv/run.stamp ## Run the demonstration at 127.0.0.1:8000 (PORT=…), made at the first start
	@umask 077; test -f $(INSTANCE)/demo-sign-ins.json || $(STUDYHUB) init --demo > /dev/null
	@$(STUDYHUB) worker & worker=$$!; \
	trap 'kill $$worker 2> /dev/null; wait $$worker' EXIT; trap 'exit 0' INT TERM; \
	$(STUDYHUB) serve --bind 127.0.0.1:$(PORT)

# -- test and check ---------------------------------------------------------------------

test: .venv/dev.stamp ## Run every test on both engines and in a browser
	$(BIN)/python -m pytest -n 3 $(PYTEST)

fast: .venv/dev.stamp ## Run the tests on SQLite without a browser
	$(BIN)/python -m pytest -n 3 -p tests.fast $(PYTEST)

coverage: .venv/dev.stamp ## Measure what the fast tests reach: at least 95 %, with branches
	$(BIN)/python -m pytest -n 3 -p tests.fast --cov --cov-report=term:skip-covered --cov-fail-under=95 $(PYTEST)

check: .venv/dev.stamp ## Look at form, types, layers, house rules and written pages
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 tests/house
	$(STUDYHUB) permissions | diff - docs/PERMISSIONS.md

mutants: .venv/dev.stamp ## Take one rule out at a time: a test must notice
	$(BIN)/python .ci/mutants.py

# -- written and built ------------------------------------------------------------------

docs: .venv/dev.stamp ## Write docs/PERMISSIONS.md from the policy, and take the pictures anew
	$(STUDYHUB) permissions --write docs/PERMISSIONS.md
	$(BIN)/python -m pytest tests/web/test_pictures.py
	cp build/pictures/*.png docs/pictures/

bench: .venv/dev.stamp ## Measure what the performance goals name
	$(BIN)/python bench/run.py

bench-deid: .venv/dev.stamp ## Suggest over transcripts: make bench-deid DIR=folder OUT=file.json
	$(BIN)/python -m bench.deid $(DIR) $(OUT)

assets: .venv/dev.stamp ## Build the style sheet and the kit (needs Node)
	$(BIN)/python .ci/assets.py
