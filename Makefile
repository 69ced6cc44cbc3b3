# Everything works on a fresh machine with Python 3.11 or newer and a package registry; nothing else is needed.
# Options go through ARGS, for example: make demo ARGS="--people 20000"

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: demo test rig lint bench constraints clean

demo: .venv/installed
	$(BIN)/bureau demo $(ARGS)

test: .venv/installed-dev
	$(BIN)/pytest $(ARGS)

# Mailbox checks against real servers (NSD, Postfix, postgrey) on loopback; needs root and Debian. PUBLISH=1 writes
# docs/deliverability-matrix.md anew instead of comparing with it.
PUBLISH ?=
rig: .venv/installed-dev
	tests/rig/install
	BUREAU_RIG=required BUREAU_RIG_PUBLISH=$(PUBLISH) $(BIN)/pytest -m rig tests/rig $(ARGS)

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# All questions under benchmarks/, or some: make bench BENCH=deliverability
BENCH ?= $(patsubst benchmarks/%/run.py,%,$(wildcard benchmarks/*/run.py))
bench: .venv/installed-dev
	@set -e; for question in $(BENCH); do echo "== $$question"; $(BIN)/python benchmarks/$$question/run.py $(ARGS); done

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Bureau needs Python 3.11 or newer as $(PYTHON); name another one with: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Stamps: a second run installs nothing. They are older than a change of the requirements, never of the code.
.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Newest allowed versions of everything, written down exactly; run the tests before committing the result.
constraints:
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install --quiet --upgrade pip
	build/constraints/bin/python -m pip install --quiet '.[dev]'
	build/constraints/bin/python -m pip freeze --exclude bureau --exclude pip > constraints.txt
	rm -rf build/constraints

clean:
	rm -rf .venv build .demo .mypy_cache .ruff_cache .pytest_cache
