# Two commands for a newcomer: `make run` and `make test`. Both set up what they need first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check

.PHONY: run test test-postgresql bench crashes examples screenshots setup setup-dev setup-browser setup-gateways lint format lock clean

run: setup
	$(BIN)/countersign run

test: setup-dev setup-browser setup-gateways lint
	$(BIN)/pytest -n 3 --dist worksteal

# The chain engine beside its peers and beside the bare signatures, as ratios. BENCH="--quick" for a first look.
bench: setup-dev setup-gateways
	$(BIN)/python -m tests.bench $(BENCH)
	$(BIN)/python -m tests.bench.gateways

# Everything on PostgreSQL: `make test` has the demo worlds of most stories on SQLite, and the rest on both.
test-postgresql: setup-dev setup-browser setup-gateways
	COUNTERSIGN_TEST_DATABASES=postgresql $(BIN)/pytest -n 3 --dist worksteal

# The bot is killed at every boundary of a switch; `make test` kills it at some, other ones each time. 80 minutes on two cores.
crashes: setup-dev setup-gateways
	CRASHES=all $(BIN)/pytest -n 3 --dist worksteal tests/e2e/test_crashes.py

# Slack's own longer examples on the local workspace; BOLT_EXAMPLES names the folder that holds them.
examples: setup-dev
	BOLT_EXAMPLES=$(BOLT_EXAMPLES) $(BIN)/pytest -q tests/workspace/check_bolt_examples.py

# The README's pictures, taken anew.
screenshots: setup-dev setup-browser
	SCREENSHOTS=docs $(BIN)/pytest -q tests/e2e/test_story_in_browser.py

setup: $(VENV)/.ready
setup-dev: $(VENV)/.ready-dev

# On a bare Debian python3 has no ensurepip: python3-venv brings it.
$(VENV)/.ready: requirements.lock requirements-envoy.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call system,python3-venv)
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-envoy.lock || \
	  echo "No Envoy could be installed here: the demo world goes on without it."
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Chromium for the page's tests; Playwright's driver wants libatomic, which a bare Debian lacks.
setup-browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || $(call system,chromium fonts-dejavu-core)
	@/sbin/ldconfig -p | grep -q libatomic.so.1 || $(call system,libatomic1)

# HAProxy for the gateways' tests; Envoy comes as a wheel with the other tools.
setup-gateways:
	@command -v haproxy >/dev/null || test -x /usr/sbin/haproxy || $(call system,haproxy)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv. The locks hold names, versions and hashes; never an address. Envoy has one of its own, because `make run`
# does without where there is none for the machine; the last one begins where the others end.
LOCK := uv pip compile --generate-hashes --universal --no-header --quiet
lock:
	$(LOCK) pyproject.toml --group build -o requirements.lock
	$(LOCK) --group envoy -o requirements-envoy.lock
	$(LOCK) pyproject.toml --group dev --constraint requirements.lock --constraint requirements-envoy.lock \
	  -o requirements-dev.lock

clean:
	rm -rf $(VENV) data .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Installs a system package when we may, and says in one line what to install when we may not.
define system
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing $(1) ..."; apt-get update -qq >/dev/null && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
	else echo "Please install $(1), for example: sudo apt-get install $(1)" >&2; exit 1; fi
endef
