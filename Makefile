# The only list of commands. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# No test calls a provider outside this machine; modelkit refuses.
TEST_ENV := FLOWLOOM_FORBID_PROVIDER_CALLS=1
UNIT := packages services tests/workflows
CHECKS := fmt-check lint types arch unit

.DEFAULT_GOAL := help
.PHONY: help setup run up down logs doctor fmt fmt-check lint types arch unit check contracts contracts-check \
        test test-integration bench chaos lock clean compose-secrets

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

setup: ## install everything the platform needs; a second time does nothing
	@$(PYTHON) scripts/setup.py

# ---- Start
run: setup ## set up, start the platform, run the first workflow, stay up until Ctrl-C
	@exec $(BIN)/flowloom up --example

up: setup ## start the platform without the example
	@exec $(BIN)/flowloom up

down: ## stop the platform
	@$(BIN)/flowloom down

logs: ## follow the logs of every part
	@tail -n 50 -F $${FLOWLOOM_HOME:-.flowloom}/logs/*.log

doctor: setup ## say what is missing or unwell
	@$(BIN)/flowloom doctor

# ---- Change
fmt: setup ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix-only --quiet .

fmt-check: setup
	@$(BIN)/ruff format --check --quiet .

lint: setup ## lint
	@$(BIN)/ruff check --quiet .

types: setup ## check types
	@$(BIN)/python -m scripts.checks.types

arch: setup ## check the architecture: imports, sizes, names
	@$(TEST_ENV) $(PYTEST) -q tests/architecture -m "not isolation"

unit: setup ## unit tests
	@$(TEST_ENV) $(PYTEST) -q -n 2 $(UNIT)

contracts: setup ## write the committed schemas from the code
	@$(BIN)/python -m gateway.openapi_export services/gateway/openapi.json
	@$(BIN)/python -m flowloom_contracts.schema_export packages/contracts/schema

contracts-check: setup ## fail when a committed schema differs from the code
	@$(TEST_ENV) $(PYTEST) -q tests/contract

lock: ## compile the locks in requirements/ (needs uv; UPGRADE=--upgrade moves versions)
	@$(PYTHON) scripts/lock.py $(UPGRADE)

compose-secrets: setup ## generate what docker-compose.yml reads from deploy/compose/.secrets
	@$(BIN)/python scripts/compose_secrets.py

# ---- Prove
check: $(CHECKS) ## the fast subset: format, lint, types, architecture, unit

test: setup fmt-check lint types ## every test, with real sidecars, Postgres and Valkey
	@$(TEST_ENV) $(BIN)/python scripts/run_tests.py

test-integration: setup ## the real-sidecar tests alone
	@$(TEST_ENV) $(PYTEST) -q -p no:randomly tests/integration

bench: setup ## the benchmarks of this machine into benchmarks/results
	@$(BIN)/python -m benchmarks run B-ORC-1 B-ORC-3 B-STR-1 B-ORC-8

chaos: setup ## the long fault experiments
	@$(TEST_ENV) $(PYTEST) -q -p no:randomly tests/chaos

clean: ## remove the environment and caches of this checkout (not .flowloom)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
