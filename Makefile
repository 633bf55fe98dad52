# Two commands need nothing but Python 3.11+, git and make:
#   make demo   see a typed call on the real API description
#   make test   the whole check
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
LOG := .venv/pip.log
LOGGED := >$(LOG) 2>&1

.PHONY: demo test test-browser interop check generate export examples update build check-version check-generated lint types pytest soak fuzz guards test-strict bench bench-check clean
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

examples: .venv/.runtime ## which operations the sandbox answers with an example, into tests/sandbox/examples.txt
	@$(BIN)/python -m acord.sandbox --examples >tests/sandbox/examples.txt

# The day of a document: PUBLISHED, or that of its commit where it lies in a checkout; else its name says it.
PUBLISHED ?= $(if $(OPENAPI),$(shell git -C "$(dir $(OPENAPI))" log -1 --format=%cs -- "$(notdir $(OPENAPI))" 2>/dev/null))

update: .venv/.dev ## OPENAPI=file: Discord's new document -> spec/, generated/, CHANGELOG.md; all or nothing
	@test -n "$(OPENAPI)" || { echo "make update OPENAPI=path/to/document.json"; exit 1; }
	@$(BIN)/python -m codegen update "$(OPENAPI)" $(if $(PUBLISHED),--published "$(PUBLISHED)") $(if $(REPORT),--report "$(REPORT)")

build: .venv/.dev ## the files of a release, into dist/packages
	@rm -rf dist/packages
	@$(BIN)/python -m build --no-isolation --outdir dist/packages .

check-version: ## TAG=v0.1.0: is this tag of the version that the package states?
	@grep -qxF "__version__ = \"$(TAG:v%=%)\"" runtime/acord/__init__.py || { echo "$(TAG) is not the version in runtime/acord/__init__.py"; exit 1; }

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

soak: .venv/.dev ## hours of simulated time: the rate limiter over 5,000 scripts, a day of requests and events whose memory stays flat, 170,000 requests to the sandbox
	@ACORD_SOAK=1 $(BIN)/python -m pytest -q -n auto tests/limiter tests/gateway/test_soak.py tests/sandbox/test_wandering.py tests/generated

fuzz: .venv/.dev ## bytes at what reads the gateway, a minute for each reader; says how many edges they reached
	@$(PIP) --group fuzz $(LOGGED) \
		|| echo "atheris cannot be installed here (pip said why in $(LOG)): going on without it, at a hundredth of the speed"
	@PYTHONPATH=.:generated:runtime $(BIN)/python tests/fuzz/fuzz_gateway.py all 60

guards: .venv/.dev ## take away each guard against a fault of the gateway, and see that its test turns red; ten minutes
	@$(BIN)/python -m tests.tools.guards

test-strict: .venv/.dev ## core and gateway with asyncio's debug mode, and without assert statements in the library
	@PYTHONASYNCIODEBUG=1 $(BIN)/python -m pytest -q -n auto tests/core tests/gateway
	@PYTHONOPTIMIZE=1 $(BIN)/python -m pytest -q -n auto -W ignore::pytest.PytestConfigWarning tests/core tests/gateway

test-browser: .venv/.browser ## the sandbox's page in a real browser; ACORD_SHOTS=folder keeps what was seen
	@$(BIN)/python -m pytest -q tests/browser

interop: .venv/.interop ## bots on other libraries against the sandbox: the everyday, and which faults they survive
	@PYTHONPATH=.:generated:runtime $(BIN)/python -m tests.interop.run tests/interop/results.json docs/interop-table.md

bench: .venv/.bench ## every benchmark beside the other libraries, about eight minutes on a quiet machine; results into benchmarks/results
	@$(BIN)/python benchmarks

bench-check: .venv/.bench ## every benchmark again: 1 where a ratio is worse than the committed one by more than its bound
	@$(BIN)/python benchmarks --check

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

.venv/.browser: .venv/.dev
	@command -v chromium chromium-browser google-chrome >/dev/null || { echo "no Chromium was found (Debian: apt install chromium)"; exit 1; }
	@$(PIP) playwright $(LOGGED) || { echo "pip could not install playwright; it said why in $(LOG)"; exit 1; }
	@touch $@

.venv/.interop: .venv/.dev tests/interop/peers.txt
	@"$(PYTHON)" -m venv .venv/interop/python
	@.venv/interop/python/bin/python -m pip install --quiet --disable-pip-version-check -r tests/interop/peers.txt $(LOGGED) \
		|| { echo "pip could not install the other libraries; it said why in $(LOG)"; exit 1; }
	@if command -v npm >/dev/null; then mkdir -p .venv/interop/js && cd .venv/interop/js && { test -f package.json || npm init -y >/dev/null; } \
		&& npm install --silent discord.js@14.28.1; else echo "no npm: discord.js is left out"; fi
	@touch $@

.venv/.bench: .venv/.dev benchmarks/peers.txt
	@"$(PYTHON)" -m venv .venv/bench/python
	@.venv/bench/python/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt $(LOGGED) \
		|| { echo "pip could not install the other libraries; it said why in $(LOG)"; exit 1; }
	@if command -v npm >/dev/null; then mkdir -p .venv/bench/js && cd .venv/bench/js && { test -f package.json || npm init -y >/dev/null; } \
		&& npm install --silent discord.js@14.28.1; else echo "no npm: discord.js is left out"; fi
	@touch $@
