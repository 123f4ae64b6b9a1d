# Two commands for a newcomer: `make run` and `make test`. Both set up what they need first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test bench setup setup-browser lint format lock clean

run: setup
	$(BIN)/countersign run

test: setup setup-browser lint
	$(BIN)/pytest

# The chain engine beside its peers and beside the bare signatures, as ratios. BENCH="--quick" for a first look.
bench: setup
	$(BIN)/python -m tests.bench $(BENCH)

setup: $(READY)

# On a bare Debian python3 has no ensurepip: python3-venv brings it.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call system,python3-venv)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

setup-browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || $(call system,chromium)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv. The lock holds names, versions and hashes; never an address.
lock:
	uv pip compile pyproject.toml --group dev --generate-hashes --universal --no-header --quiet -o requirements.lock

clean:
	rm -rf $(VENV) data .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Installs a system package when we may, and says in one line what to install when we may not.
define system
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing $(1) ..."; apt-get update -qq >/dev/null && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
	else echo "Please install $(1), for example: sudo apt-get install $(1)" >&2; exit 1; fi
endef
