# Quancheng. `make help` lists what can be done; everything else is in docs/.
# Needs: Python 3.11 or later with venv (Debian: python3-venv), make. Nothing else.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Compiled once: else every process would compile the whole product anew.
unexport PYTHONDONTWRITEBYTECODE
MANAGE := $(BIN)/python manage.py
# One more than there are processors: many tests wait, for a server or a deadline.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset demo-check serve backup restore test check types borders test-stack bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  PORT (8000), GATEWAY_PORT (PORT+1) and DATA_DIR (.data) may be set, see .env.example:"
	@echo "  PORT=9000 DATA_DIR=/var/lib/quancheng make demo"

demo: $(VENV)/.runs ## Start everything with demo data, in the foreground (Ctrl-C stops it)
	@exec $(MANAGE) demo

demo-reset: $(VENV)/.runs ## Forget the demo's data and start it afresh
	@$(MANAGE) reset_data
	@exec $(MANAGE) demo

demo-check: $(VENV)/.runs ## Play the demo to its end in a folder of its own, open its pages, stop
	@exec $(BIN)/python -m config.demo.apart

serve: $(VENV)/.runs ## Start everything without demo data
	@exec $(MANAGE) serve

backup: $(VENV)/.runs ## Copy databases and pictures while all runs: make backup TO=folder
	@$(MANAGE) backup $(if $(TO),--to $(TO))

restore: $(VENV)/.runs ## Fill an empty DATA_DIR from a backup: make restore FROM=folder [SECRETS=file]
	@$(MANAGE) restore $(or $(FROM),$(error Say which backup: make restore FROM=folder)) $(if $(SECRETS),--secrets $(SECRETS))

test: $(VENV)/.develops ## Run the tests on the embedded PostgreSQL (those of the house rules: make check)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not stack" \
	  --ignore tests/architecture

check: $(VENV)/.develops ## Lint, types, borders between the contexts, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types borders

types: $(VENV)/.develops ## The types of the whole tree, by mypy
	$(BIN)/mypy .

borders: $(VENV)/.develops ## Borders between the contexts and house rules
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture

test-stack: $(VENV)/.develops ## Run against real PostgreSQL, Redis, Celery, EU DSS and search servers
	$(BIN)/python -m tests.stack

bench: $(VENV)/.develops ## Measure speed and memory
	$(BIN)/python -m bench

lock: $(VENV)/.develops ## Pin requirements/*.in into requirements/*.txt
	$(BIN)/python -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet uv
	for name in base dev otel meaning hsm s3; do \
	  $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" requirements/$$name.in -o requirements/$$name.txt \
	    || exit 1; \
	done

clean: ## Remove the virtual environment and caches (data stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-artifacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made once; a changed requirements file installs again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Quancheng needs Python 3.11 or later as $(PYTHON); choose one: make PYTHON=python3.12 …"; exit 1; }
	@echo "Making the virtual environment …"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "Python's venv is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.runs: requirements/base.txt | $(BIN)/pip
	@test -f $(VENV)/.develops && test ! requirements/dev.txt -nt $(VENV)/.develops || { \
	  echo "Installing the pinned packages …"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt; }
	@touch $@

$(VENV)/.develops: requirements/base.txt requirements/dev.txt | $(BIN)/pip
	@echo "Installing the pinned packages for development …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
