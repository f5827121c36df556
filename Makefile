# `make demo` shows it, `make test` proves it. Everything is installed into .venv first; the
# stamp makes that a matter of milliseconds once nothing has changed.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo test lint check format
.DEFAULT_GOAL := install

install: $(STAMP)

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "SyncBridge needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; exit 1; }

$(STAMP): setup.cfg setup.py | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[test,dev]'
	@touch $@

demo: install
	$(BIN)/syncbridge demo

test: install
	$(BIN)/pytest

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

check: lint test

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
