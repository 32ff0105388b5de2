# Tend. `make` alone says what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Interpreters that are installed already come before anything uv would download; the folders of
# pyenv's versions stand before its shims, at which uv stops when their version is not selected.
PYENV_ROOT ?= $(HOME)/.pyenv
PYTHONS := $(wildcard $(PYENV_ROOT)/versions/3.12*/bin) $(wildcard $(PYENV_ROOT)/versions/3.10*/bin)
empty :=
space := $(empty) $(empty)
export PATH := $(subst $(space),:,$(strip $(PYTHONS)))$(if $(PYTHONS),:)$(PATH)
export RASA_TELEMETRY_ENABLED := false
# Programs that start in seconds need their modules compiled once, not at every start.
export PYTHONDONTWRITEBYTECODE :=

# On a terminal uv shows how far it is; elsewhere its list of hundreds of packages hides our lines.
QUIET = $$(test -t 2 || echo --quiet)
UV := $(or $(shell command -v uv 2>/dev/null),.tools/uv)
RUN := .venv/bin/
TESTS = $(RUN)python -m pytest -n auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
READY := .venv/.ready deploy/rasa/.venv/.ready

.PHONY: help demo test coverage lint check fix train bench desk chat tend setup clean

help:  ## this list
	@echo "Tend: SMS support and check-in line. Needs git, make and Python 3; brings the rest."
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

demo: setup train  ## set everything up, train, start every process, print the page of the phones
	@$(RUN)tend demo

test: setup train  ## set everything up and run all tests
	@$(TESTS)

coverage: setup train  ## the same, and say which lines no test reaches
	@COVERAGE_CORE=sysmon $(TESTS) --cov --cov-report=term --cov-report=json:var/coverage.json

lint: setup  ## style, types and imports: what needs no model
	@echo "== ruff";        $(RUN)ruff check . && $(RUN)ruff format --check .
	@echo "== mypy";        $(RUN)mypy
	@echo "== imports";     $(RUN)lint-imports

check: train lint  ## lint, types, imports, data, freshness of generated pages
	@echo "== our data";    $(RUN)tend doctor --files
	@echo "== Rasa's data"; $(RUN)tend validate
	@echo "== pages";       $(RUN)tend docs --check

fix: setup  ## format, sort, mend what can be mended, write generated pages
	@$(RUN)ruff check --fix . ; $(RUN)ruff format . ; $(RUN)tend texts domain ; $(RUN)tend docs

train: setup  ## train both models, unless nothing has changed
	@$(RUN)tend train

bench: setup train  ## measure speed and quality; JSON lines in results/
	@$(RUN)python -m pytest -m timing -q tests/crisis
	@$(RUN)python -m pytest -m timing -q -rP tests/services/test_faults.py
	@$(RUN)python -m tests.benchmarks.run

desk: setup train  ## go the whole way of a lesson in a browser, with real training (some minutes)
	@$(RUN)python -m pytest -m long -q -s tests/training/test_whole_way.py

chat: setup train  ## text as a mother, in the terminal
	@$(RUN)tend chat

tend: setup  ## any command of the program: make tend ARGS="doctor"
	@$(RUN)tend $(ARGS)

setup: $(READY)  ## install both environments, once

clean:  ## remove environments, models and the sandbox's data
	rm -rf .venv deploy/rasa/.venv .tools var models/*.tar.gz results

.tools/uv: deploy/get_uv.py
	@echo "== fetching uv, which fetches everything else"
	@python3 deploy/get_uv.py .tools && touch .tools/uv

.venv/.ready: pyproject.toml uv.lock $(filter .tools/uv,$(UV))
	@echo "== environment of the app (Python 3.12)"
	@$(UV) sync --frozen --python 3.12 $(QUIET) && touch $@

deploy/rasa/.venv/.ready: deploy/rasa/pyproject.toml deploy/rasa/uv.lock $(filter .tools/uv,$(UV))
	@echo "== environment of Rasa (Python 3.10; about 2.5 GB, some minutes the first time)"
	@$(UV) sync --frozen --python 3.10 $(QUIET) --project deploy/rasa && touch $@
