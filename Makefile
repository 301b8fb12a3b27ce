# The only list of commands. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# No test calls a provider outside this machine; modelkit refuses.
TEST_ENV := FLOWLOOM_FORBID_PROVIDER_CALLS=1
UNIT := packages services tests/workflows
CHECKS := fmt-check lint types arch unit frontend-check

.DEFAULT_GOAL := help
.PHONY: help setup run up down logs doctor fmt fmt-check lint types arch unit check contracts contracts-check \
        test test-integration test-kong bench bench-peers chaos audit sbom lock clean compose-secrets monitoring \
        ci docs chart

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

setup: ## install everything the platform needs; a second time does nothing
	@$(PYTHON) scripts/setup.py

# ---- Start
run: setup frontend-if-possible ## set up, start the platform, run the first workflow, stay up until Ctrl-C
	@exec $(BIN)/flowloom up --example

up: setup frontend-if-possible ## start the platform without the example
	@exec $(BIN)/flowloom up

.PHONY: frontend frontend-check frontend-if-possible
frontend: ## build the browser application into frontend/dist
	@$(PYTHON) scripts/frontend.py build

frontend-if-possible:
	@$(PYTHON) scripts/frontend.py try-build

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
	@$(BIN)/python -m gateway.permission_table services/gateway/permissions.md
	@$(BIN)/python -m flowloom_contracts.schema_export packages/contracts/schema
	@$(BIN)/python -m gateway.catalogue_export
	@$(PYTHON) scripts/frontend.py generate
	@$(BIN)/python -m scripts.reference docs/reference

monitoring: setup ## write the dashboards and alerts of monitoring/ from scripts/monitoring
	@$(BIN)/python -m scripts.monitoring

contracts-check: setup ## fail when a committed schema differs from the code
	@$(TEST_ENV) $(PYTEST) -q -m "not integration" tests/contract

audit: setup ## ask an advisory database about every pin (needs the network; says when it was not run)
	@$(BIN)/python -m scripts.audit

sbom: setup ## write a bill of materials for each lock into dist/sbom
	@$(BIN)/python -m scripts.sbom dist/sbom

lock: ## compile the locks in requirements/ (needs uv; UPGRADE=--upgrade moves versions)
	@$(PYTHON) scripts/lock.py $(UPGRADE)

compose-secrets: setup ## generate what docker-compose.yml reads from deploy/compose/.secrets
	@$(BIN)/python scripts/compose_secrets.py

# ---- Prove
frontend-check: ## the browser application: lint, types, unit tests, build, sizes
	@$(PYTHON) scripts/frontend.py check

check: $(CHECKS) ## the fast subset: format, lint, types, architecture, unit

test: setup fmt-check lint types ## every test, with real sidecars, Postgres and Valkey
	@$(TEST_ENV) $(BIN)/python scripts/run_tests.py

test-integration: setup ## the real-sidecar tests alone
	@$(TEST_ENV) $(PYTEST) -q -p no:randomly tests/integration

.PHONY: flows test-e2e workshop coverage
workshop: ## build the workshop of components into frontend/.vite_cache/storybook
	@$(PYTHON) scripts/frontend.py npm run --silent storybook-build

flows: ## what people do in the browser, against a fake gateway (pictures in frontend/.vite_cache/pictures)
	@$(PYTHON) scripts/frontend.py flows

test-e2e: setup ## what people do in the browser, against the whole platform
	@$(TEST_ENV) $(PYTEST) -q -p no:randomly tests/e2e

test-kong: setup ## probe a real Kong in front of the gateway (needs kong on PATH)
	@$(TEST_ENV) $(PYTEST) -q -n0 -m kong tests/security/test_kong_live.py

bench: setup ## the benchmarks of this machine into benchmarks/results
	@$(BIN)/python -m benchmarks run B-ORC-1 B-ORC-3 B-STR-1 B-ORC-8 B-API-5

bench-peers: setup ## the comparison with n8n, which npm installs outside the checkout (3 GB)
	@$(BIN)/python -m benchmarks run B-ORC-1b

coverage: setup ## what the tests reach, with floors (half an hour)
	@$(TEST_ENV) $(BIN)/python -m scripts.measure_coverage

chaos: setup ## seeded random faults under load (CHAOS="--episodes 200 --seed 1 --minutes 60")
	@$(TEST_ENV) $(BIN)/python -m tests.chaos $(CHAOS)

docs: setup ## build the documentation into dist/docs
	@$(BIN)/mkdocs build --quiet

chart: setup ## put the Helm chart together in dist/chart
	@rm -rf dist/chart && $(BIN)/python scripts/package_chart.py dist/chart

ci: test ## what the pipeline runs, the same here as there

clean: ## remove the environment and caches of this checkout (not .flowloom)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
