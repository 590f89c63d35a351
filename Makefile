# Everything a contributor types. Each target says what it does in `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
PORT ?= 8080
RUNS ?= 100000
DATA ?= .data
VENV := .venv
BIN := $(VENV)/bin

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

install: $(VENV)/.installed ## make .venv and install the project into it

run: install ## serve on http://127.0.0.1:PORT, keep data in DATA, import a sample
	@exec $(BIN)/report-import standalone --port $(PORT) --data $(DATA) --sample

test: $(VENV)/.dev ## run every test that this machine can run, and name the ones it cannot
	@scripts/test

check: $(VENV)/.dev ## style, types and layers
	@scripts/check

bench: $(VENV)/.dev ## measure the figures of docs/performance.md
	@scripts/bench

fuzz: $(VENV)/.fuzz ## feed every parser 100,000 mutated reports (RUNS=, KEYS=)
	@scripts/fuzz $(RUNS) $(KEYS)

generate: $(VENV)/.dev ## write what is made from the code: crds/, docs/messages.md
	@$(BIN)/python scripts/generate

image: ## build the container image
	@scripts/image

cluster: ## bring up a real Kubernetes on this machine (root, Go)
	@scripts/cluster-up

cluster-down: ## take it away and leave nothing behind
	@scripts/cluster-down

e2e: $(VENV)/.dev ## end-to-end tests on the cluster of KUBECONFIG=...
	@scripts/e2e

e2e-kind: $(VENV)/.dev ## the same on a fresh kind cluster (needs Docker)
	@scripts/e2e-kind

clean: ## remove what the targets above made in this folder
	rm -rf $(VENV) .fuzz build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) is '$(PYTHON)'. Try: make PYTHON=python3.12 install"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "python3 cannot make virtual environments here. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/pip
	@echo "Installing into $(VENV) (once) ..."
	@$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/pip
	@echo "Installing the development tools into $(VENV) (once) ..."
	@$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.fuzz: $(VENV)/.dev
	@echo "Installing the fuzzer into $(VENV) (once) ..."
	@$(BIN)/pip install --quiet --editable '.[dev,fuzz]'
	@touch $@

.PHONY: help install run test check bench fuzz generate image cluster cluster-down e2e e2e-kind clean
