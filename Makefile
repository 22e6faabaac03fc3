# Everything a person does with this checkout. `make` alone lists it.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Many tests wait for a process or a browser rather than compute.
TEST_JOBS ?= 2
PYTEST_IN_PARALLEL := $(BIN)/python -m pytest -n $(TEST_JOBS) --dist loadscope --no-loadscope-reorder
# The service as processes, begun and ended many times; servers, several nodes, deaths: minutes.
AS_PROCESSES := tests/cli/test_serve.py tests/cli/test_demo.py tests/workers/test_app.py
AT_LENGTH := tests/topology tests/chaos
# Where pages are walked; named, since to read all of the tests takes its time. The last keeps its
# browser to the end, so that none after it could have one.
PAGES := tests/browser tests/services/web/test_pages_browser.py web/tests
# Browsers that give and take a lesson, measured by the moment: they want a machine that has nothing
# else to do, and are run one after the other.
IN_LESSONS := tests/live_lesson tests/browser/old \
	$(patsubst %,tests/browser/classroom/test_%.py,lead_picture recording_rule talk_line weak_line) \
	$(patsubst %,web/tests/browser/test_classroom_%.py,publishing recorded watching)
# What makes no difference on another database is left out, and `tests/storage`, which runs on both
# in any case. The topology has PostgreSQL anyway; the demonstration is one box, on SQLite.
ON_POSTGRESQL := tests/cli tests/library tests/people tests/publishing tests/services tests/workers \
	--ignore tests/cli/demo --ignore tests/cli/test_demo.py --ignore tests/cli/test_serve.py
# Each module is compiled once, by whoever imports it first: some six processes import the same ones.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo install test check bench format clean lock messages migration servers test-lesson test-pages test-postgresql test-topology

help: ## list what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# Two locks: what the service runs on, and what its tests and checks need besides.
# A stamp a lock, so that nothing is installed twice. Only what is imported is compiled, as most of
# what is installed never is; and before several processes do it at once.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
$(VENV)/run.stamp: requirements/pip.txt requirements/run.txt pyproject.toml hatch_build.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --require-hashes -r requirements/pip.txt
	$(PIP_INSTALL) --no-compile --require-hashes -r requirements/run.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	$(BIN)/python -c 'import services.app' & web=$$!; \
	$(BIN)/python -c 'import tongke.demo_library.catalogue, tongke.storage.migrate, workers.app' && wait $$web
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	$(PIP_INSTALL) --no-compile --require-hashes -r requirements/dev.txt
	touch $@

demo: $(VENV)/run.stamp ## start the whole service with a small library (Ctrl-C ends it)
	@$(BIN)/python hatch_build.py
	@$(BIN)/tongke demo

install: $(VENV)/run.stamp ## set the service up in .venv, to run it as .venv/bin/tongke
	@$(BIN)/python hatch_build.py

test: $(VENV)/dev.stamp ## run the tests, on real parts (those below take longer)
	@$(BIN)/python hatch_build.py
	$(PYTEST_IN_PARALLEL) tests $(patsubst %,--ignore %,$(AS_PROCESSES) $(AT_LENGTH) $(IN_LESSONS) $(PAGES))

test-pages: $(VENV)/dev.stamp ## walk the pages and the classroom in a real Chromium
	@$(BIN)/python hatch_build.py
	$(PYTEST_IN_PARALLEL) $(PAGES) $(patsubst %,--ignore %,$(IN_LESSONS))

test-topology: $(VENV)/dev.stamp ## test what a city runs: real servers, several nodes, deaths and faults
	@$(BIN)/python hatch_build.py
	$(PYTEST_IN_PARALLEL) $(AS_PROCESSES)
	$(BIN)/python -m pytest $(AT_LENGTH)

test-lesson: $(VENV)/dev.stamp ## live lessons in their real pages, on weak lines and on Chromium 86 too
	@$(BIN)/python hatch_build.py
	$(BIN)/python -m pytest $(IN_LESSONS)

test-postgresql: $(VENV)/dev.stamp ## run what speaks to a database on PostgreSQL
	@$(BIN)/python hatch_build.py
	TONGKE_TEST_DATABASE=postgresql $(PYTEST_IN_PARALLEL) $(ON_POSTGRESQL)

servers: $(VENV)/dev.stamp ## start the real servers by hand (Ctrl-C ends them)
	@$(BIN)/python -m tests.servers

check: $(VENV)/dev.stamp ## format, types, imports, dead code, dependencies
	@$(BIN)/python hatch_build.py --check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture

bench: $(VENV)/dev.stamp ## run the benchmarks behind the README's figures
	$(BIN)/python -m bench

format: $(VENV)/dev.stamp ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(VENV)/dev.stamp ## take new strings of the interface into the catalogues
	$(BIN)/pybabel extract -F babel.cfg -o services/web/locales/messages.pot --no-location --sort-output --project Tongke .
	$(BIN)/pybabel update -i services/web/locales/messages.pot -d services/web/locales --no-fuzzy-matching --ignore-obsolete

migration: $(VENV)/dev.stamp ## write a migration from changed models: make migration m="what it does"
	$(BIN)/python -c 'import sys, tongke.archive.tables; from tongke.storage import migrate; migrate.revision(sys.argv[1])' "$(m)"

lock: ## renew the locks (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade -o requirements/run.txt requirements/run.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -c requirements/run.txt -o requirements/dev.txt requirements/dev.in

clean: ## remove what was built and made here (not your data)
	rm -rf $(VENV) build dist services/web/static/build web/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
