# Two commands need nothing but Python 3.11+, git and make:
#   make demo   see a typed call on the real API description
#   make test   the whole check
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
LOG := .venv/pip.log
LOGGED := >$(LOG) 2>&1

.PHONY: demo test check generate export update check-generated lint types pytest soak fuzz guards test-strict clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## what can be asked for
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

demo: .venv/.runtime ## the main job on loopback, with nothing installed but the runtime
	@$(BIN)/python examples/demo.py

test: .venv/.dev ## set up what is missing, then the whole check
	@$(MAKE) --no-print-directory check

check: check-generated lint types pytest

generate: .venv/.dev ## spec/ -> generated/
	@$(BIN)/python -m codegen generate

export: .venv/.dev ## everything as JSON for other languages, and REST as OpenAPI 3.1, into dist/
	@$(BIN)/python -m codegen export

update: .venv/.dev ## OPENAPI=file: Discord's new document -> spec/, generated/, CHANGELOG.md; all or nothing
	@test -n "$(OPENAPI)" || { echo "make update OPENAPI=path/to/document.json"; exit 1; }
	@$(BIN)/python -m codegen update "$(OPENAPI)"

check-generated: .venv/.dev
	@$(BIN)/python -m codegen check

lint: .venv/.dev
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "formatting differs: run .venv/bin/ruff format"; exit 1; }

types: .venv/.dev
	@$(BIN)/mypy
	@$(BIN)/pyright

pytest: .venv/.dev
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup

soak: .venv/.dev ## hours of simulated time: the rate limiter over 5,000 scripts, a day of requests and events whose memory stays flat
	@ACORD_SOAK=1 $(BIN)/python -m pytest -q -n auto tests/limiter tests/gateway/test_soak.py

fuzz: .venv/.dev ## bytes at what reads the gateway, a minute for each reader; says how many edges they reached
	@$(PIP) --group fuzz $(LOGGED) \
		|| echo "atheris cannot be installed here (pip said why in $(LOG)): going on without it, at a hundredth of the speed"
	@PYTHONPATH=.:generated:runtime $(BIN)/python tests/fuzz/fuzz_gateway.py all 60

guards: .venv/.dev ## take away each guard against a fault of the gateway, and see that its test turns red; ten minutes
	@$(BIN)/python -m tests.tools.guards

test-strict: .venv/.dev ## core and gateway with asyncio's debug mode, and without assert statements in the library
	@PYTHONASYNCIODEBUG=1 $(BIN)/python -m pytest -q -n auto tests/core tests/gateway
	@PYTHONOPTIMIZE=1 $(BIN)/python -m pytest -q -n auto -W ignore::pytest.PytestConfigWarning tests/core tests/gateway

clean: ## remove the environment and every cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/.python:
	@test -n "$(PYTHON)" || { echo "acord needs Python 3.11 or newer; none was found (PYTHON=/path/to/python3 make ... names one)"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "acord needs Python 3.11 or newer; $(PYTHON) is not one"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) lacks venv or ensurepip (Debian: apt install python3-venv)"; exit 1; }
	@"$(PYTHON)" -m venv .venv
	@touch $@

.venv/.runtime: .venv/.python pyproject.toml constraints.txt
	@echo "installing the runtime into .venv ..."
	@$(PIP) --editable . $(LOGGED) || { echo "pip could not install the runtime: is a package index reachable? It said why in $(LOG)"; exit 1; }
	@touch $@

.venv/.dev: .venv/.runtime
	@echo "installing the generator and the checkers into .venv ..."
	@{ $(PIP) --upgrade 'pip>=25.1' && $(PIP) --group codegen --group check; } $(LOGGED) \
		|| { echo "pip could not install the development tools: is a package index reachable? It said why in $(LOG)"; exit 1; }
	@touch $@
