# `make run` and `make test` set up everything they need; nothing but python3 >= 3.11, python3-venv and make is assumed.
PYTHON ?= python3
BIN := .venv/bin
export DJANGO_SETTINGS_MODULE := answerable.config.settings
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check types house looks fuzz bench lock clean
.DEFAULT_GOAL := run

run: .venv/runtime.lock
	@$(BIN)/answerable up --demo

# The checks first: what they find is found in seconds.
test: check
	@$(BIN)/pytest -n 2

check: .venv/dev.lock
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@$(MAKE) --no-print-directory -j2 -Otarget types house

# Two that take long, side by side.
types:
	$(BIN)/mypy
house:
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet answerable/*/templates
	$(BIN)/django-admin check --fail-level WARNING
	$(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run

# axe and a phone's width on every page of the gallery: `make test` looks at one of each kind.
looks: .venv/dev.lock
	@$(BIN)/pytest -n 2 -m looks

# Hostile mail through the whole mail room: `make fuzz N=10000 SEED=7`. One that goes wrong is saved: `make fuzz REPLAY=FILE`.
fuzz: .venv/dev.lock
	@FUZZ_N=$(or $(N),10000) FUZZ_SEED=$(or $(SEED),$(shell date +%s)) FUZZ_REPLAY=$(abspath $(REPLAY)) \
	  $(BIN)/pytest -s -p no:randomly -m "" answerable/ops/tests/test_fuzz.py

bench: .venv/runtime.lock
	@$(BIN)/answerable bench
	@$(BIN)/answerable bench --only knowledge

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv" >&2; exit 1; }
	uv pip compile pyproject.toml $(LOCK) -o requirements.lock
	uv pip compile pyproject.toml --extra dev $(LOCK) -o requirements-dev.lock
LOCK := --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --quiet

# The data folder stays: it is not ours to throw away.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis dist test-results
	find answerable tests -name __pycache__ -type d -exec rm -rf {} +

# The stamp is the lock file that was installed, so a changed lock (and nothing else) installs again. pip compiles one
# file after the other; compileall has all processors for it, and some packages bring files that are none of Python 3's.
.venv/%.lock: FORCE | .venv/bin/answerable
	@cmp -s $(LOCK_OF_$*) $@ || { \
	  echo "Installing $(LOCK_OF_$*) …" && \
	  $(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes -r $(LOCK_OF_$*) && \
	  { $(BIN)/python -m compileall -qq -j0 .venv/lib || true; } && \
	  cp $(LOCK_OF_$*) $@; }
LOCK_OF_runtime := requirements.lock
LOCK_OF_dev := requirements-dev.lock

# Not an editable install: that would need the build system, from the network, outside the lock.
.venv/bin/answerable:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo \
	  "Answerable needs Python 3.11 or newer ($(PYTHON) is $$($(PYTHON) -V 2>&1)): install it, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
	  "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/answerable.pth"
	@printf '#!/bin/sh\nexec "%s" -m answerable "$$@"\n' "$(CURDIR)/$(BIN)/python" > $@
	@chmod +x $@

FORCE:
