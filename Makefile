# Two commands need nothing but Python 3.11+, git and make:
#   make demo   see a typed call on the real API description
#   make test   the whole check
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
PARTS := tests/core tests/contract tests/gateway tests/limiter tests/gauntlet tests/invariants tests/sandbox tests/testing tests/soak
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
LOG := .venv/pip.log
LOGGED := >$(LOG) 2>&1

.PHONY: demo test test-browser interop docs pictures figures compat check generate export examples update build check-version check-generated lint types pytest soak deep gauntlet gauntlet-guards coverage fuzz test-strict test-uvloop test-pythons bench bench-check clean
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

# Two a core: many tests wait for a socket or a process.
WORKERS ?= $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1))
# The order of tests and what `random` gives them, the same in every run: ORDER=2 is another.
ORDER ?= 1

pytest: .venv/.dev
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup --randomly-seed=$(ORDER)

gauntlet: .venv/.dev ## every fault and threat by its tests; writes docs/gauntlet-table.md where all are green
	@$(BIN)/python -m tests.gauntlet.table docs/gauntlet-table.md

gauntlet-guards: .venv/.dev ## takes a dozen guards away in a copy, and sees their tests turn red; ALL=1 for all, SEED=... for which
	@$(BIN)/python -m tests.gauntlet.guards $(if $(ALL),--all) $(if $(SEED),--seed $(SEED))

soak: .venv/.dev ## fast time, three minutes of it (ACORD_SOAK_MINUTES) or a million requests and ten million events (ACORD_SOAK_FULL=1): nothing grows
	@PYTHONPATH=.:generated:runtime $(BIN)/python -m tests.soak

deep: .venv/.dev ## the random tests for an hour instead of a minute: invariants, rate limiter, requests to the sandbox, readers
	@ACORD_SOAK=1 $(BIN)/python -m pytest -q -n auto tests/invariants tests/limiter tests/sandbox/test_wandering.py tests/generated
	@ACORD_SOAK=1 $(BIN)/python -m pytest -q -n auto -m hypothesis --ignore tests/sandbox/test_wandering.py tests/codegen tests/core tests/gateway tests/sandbox

coverage: .venv/.dev ## branches that tests take: of everything by all, then of each pure module by its own; writes docs/coverage-table.md
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m coverage run -m pytest -q -n auto --dist loadgroup
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report --skip-covered --sort=cover
	@$(BIN)/python -m tests.tools.own_coverage --write docs/coverage-table.md

fuzz: .venv/.dev ## random input at what reads what others send or write, a minute for each reader; says how many edges it reached
	@$(PIP) --group fuzz $(LOGGED) \
		|| echo "atheris cannot be installed here (pip said why in $(LOG)): going on without it, at a hundredth of the speed"
	@PYTHONPATH=.:generated:runtime $(BIN)/python -m tests.fuzz all 60

test-strict: .venv/.dev ## the same tests with asyncio's debug mode, and without assert statements in the library
	@PYTHONASYNCIODEBUG=1 $(BIN)/python -m pytest -q -n auto $(PARTS)
	@PYTHONOPTIMIZE=1 $(BIN)/python -m pytest -q -n auto -W ignore::pytest.PytestConfigWarning $(PARTS)

test-uvloop: .venv/.uvloop ## the tests that need no virtual time under uvloop
	@ACORD_LOOP=uvloop $(BIN)/python -m pytest -q -n auto $(PARTS)

test-pythons: ## the same tests on python3.12, python3.13 and python3.14, as many of them as there are
	@for p in 3.12 3.13 3.14; do command -v python$$p >/dev/null || { echo "python$$p was not found"; continue; }; \
		$(MAKE) --no-print-directory .venv-$$p/.dev || exit 1; \
		.venv-$$p/bin/python -m pytest -q -n auto -p no:cacheprovider $(PARTS) || exit 1; done

test-browser: .venv/.browser docs ## the sandbox's page and the docs in a real browser; ACORD_SHOTS=folder keeps what was seen
	@$(BIN)/python -m pytest -q tests/browser

interop: .venv/.interop ## bots on other libraries against the sandbox: the everyday, and which faults they survive
	@PYTHONPATH=.:generated:runtime $(BIN)/python -m tests.interop.run tests/interop/results.json docs/interop-table.md

docs: .venv/.docs ## the site, into site/: open site/index.html, no server and no network needed
	@PYTHONPATH=.:generated:runtime $(BIN)/python -m docs._make
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --config-file build/mkdocs.yml

figures: .venv/.runtime ## the tables of README.md from what the benchmarks have written
	@$(BIN)/python -m docs.figures

pictures: .venv/.browser ## docs/pictures: the floors of the house, the sandbox's page in a real browser
	@PYTHONPATH=.:generated:runtime $(BIN)/python -m docs._make.pictures

compat: .venv/.docs ## what of the public API of the last tag is gone or changed
	@tag=$$(git describe --tags --abbrev=0 2>/dev/null) || { echo "no tag yet: nothing to compare with"; exit 0; }; \
		$(BIN)/griffe check core --search runtime/acord --against "$$tag" && \
		$(BIN)/griffe check acord --search generated --against "$$tag" && echo "nothing of $$tag is gone"
bench: .venv/.bench ## every benchmark beside the other libraries, about six minutes on a quiet machine; results into benchmarks/results
	@$(BIN)/python benchmarks

bench-check: .venv/.bench ## every benchmark again: 1 where a ratio is worse than the committed one by more than its bound
	@$(BIN)/python benchmarks --check

clean: ## remove the environment and every cache
	rm -rf .venv .venv-3.* .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build site
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

.venv/.docs: .venv/.dev
	@echo "installing what builds the docs into .venv ..."
	@$(PIP) --group docs $(LOGGED) \
		|| { echo "pip could not install what builds the docs: is a package index reachable? It said why in $(LOG)"; exit 1; }
	@touch $@

.venv-%/.dev: pyproject.toml constraints.txt
	@echo "installing into .venv-$* ..."
	@python$* -m venv .venv-$*
	@{ .venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' \
		&& .venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . --group codegen --group check; } \
		>.venv-$*/pip.log 2>&1 || { echo "pip could not install; it said why in .venv-$*/pip.log"; exit 1; }
	@touch $@

.venv/.uvloop: .venv/.dev
	@$(PIP) uvloop $(LOGGED) || { echo "pip could not install uvloop; it said why in $(LOG)"; exit 1; }
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
