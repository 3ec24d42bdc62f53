# Two commands for a fresh machine: `make study` and `make test`. Python 3.11 or newer, pip and make are enough.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable
# Everything optional, so that tests leave nothing out.
EXTRAS := serve,onnx,search,tensorboard,excel

.DEFAULT_GOAL := help
.PHONY: help study test test-all lint format bench simulate clean

help:                           ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

study: .venv/installed          ## install, then run the quickstart study and write its report
	$(BIN)/sentilora run quickstart
	$(BIN)/sentilora report quickstart

test: .venv/installed-dev       ## what a change must pass: everything but the slowest tests
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 -m "not slow and not gpu"

test-all: .venv/installed-dev   ## the slow tests too: real assets, real data, every peer of the benchmark
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 -m "not gpu"

lint: .venv/installed-dev       ## ruff, mypy (strict), import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev     ## let ruff fix what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed-dev      ## this machine against its peers: 40 minutes; leave the machine to it
	$(BIN)/python -m benchmarks --output benchmarks/results

simulate: .venv/installed-dev   ## how often the statistics err, in simulated studies: 30 minutes on one core
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.simulations

clean:                          ## remove .venv and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/pip pyproject.toml constraints.txt
	$(INSTALL) '.[train]'
	touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) '.[dev,train,$(EXTRAS)]'
	touch $@
