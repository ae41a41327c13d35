# Greenroom. Each target sets up what it needs by itself; everything works offline afterwards.
#   THOROUGH=1 make test                 fails acts at every call and in every order, not at a third
#   THOROUGH=1 make test-browser         every view at both widths in both schemes, not in two pairs
#   make test VENV=.venv-3.13 PYTHON=/usr/bin/python3.13    another Python, beside the first

VENV ?= .venv
PYTHON ?=
PYTEST_WORKERS ?= 2
# What `make build` compiles for; the layer's Makefile and the tests of what was built read it.
export ARCHITECTURE ?= arm64
ARGS ?=
SHIPPED = layers/greenroom/greenroom functions local ops scripts benchmarks

SETUP = python=$$(sh scripts/python.sh $(PYTHON)) && "$$python" scripts/environment.py
BIN = $(VENV)/bin

# Kept bytecode halves the time in which pytest finds the tests; some machines switch it off.
export PYTHONDONTWRITEBYTECODE :=

# `sam build` compiles for Lambda's Python and starts tools by name.
SAM_PATH = $(CURDIR)/$(BIN):$$(dirname "$$(WANTED=3.13 sh scripts/python.sh)"):$$PATH
SAM = PATH="$(SAM_PATH)" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 \
	AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none .venv-sam/bin/sam

.DEFAULT_GOAL := help
.PHONY: help run test check format test-browser build deploy-local bench reliability openapi lock \
	clean actions check-template check-types check-contracts env-local env-test env-check env-browser \
	env-bench env-engine env-engine-3.13 env-sam env-policies tools

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: env-local tools ## Run the whole product on this machine (http://127.0.0.1:3000)
	@$(BIN)/python -m local

test: env-test env-engine tools ## Run every test that needs no browser
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: env-check ## Format, lint, security, types, template, lock, secrets, contracts
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	@$(MAKE) --no-print-directory -j 2 check-types check-contracts

# mypy has one thread only, so the rest is checked beside it.
check-types:
	$(BIN)/mypy

check-contracts:
	$(BIN)/cfn-lint --include-checks I -- template.yaml
	$(BIN)/bandit --quiet --severity-level medium --recursive $(SHIPPED)
	$(BIN)/python scripts/lock.py --check
	$(BIN)/python scripts/scan.py
	$(BIN)/python -m pytest -q tests/contract

format: env-check ## Format the code and repair what ruff can repair
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

test-browser: env-browser tools ## Drive the pages in a real headless Chromium
	$(BIN)/python -m pytest tests/browser -m browser -n $(PYTEST_WORKERS) --dist loadfile $(ARGS)

build: env-test env-sam ## Validate the template and build what is deployed (needs Python 3.13)
	$(SAM) validate --lint
	$(SAM) build --cache-dir .aws-sam/cache-$(ARCHITECTURE) --parameter-overrides Architecture=$(ARCHITECTURE)
	# Where functions run nothing is written: what is not compiled now is compiled at each cold start.
	for folder in .aws-sam/build/*Function; do PATH="$(SAM_PATH)" python3.13 -m compileall -q \
		--invalidation-mode unchecked-hash -s "$$folder" -p /var/task "$$folder" || exit 1; done
	$(BIN)/python -m pytest -q tests/contract/test_layer.py

deploy-local: env-test env-sam env-engine-3.13 tools ## Deploy the template without AWS, and prove it (3.13; ARGS=--keep)
	$(BIN)/python -m local.deployment \
		--python-bin "$$(dirname "$$(WANTED=3.13 sh scripts/python.sh)")" $(ARGS)

check-template: env-policies ## Hold the template to checkov, but for three written exceptions
	.venv-policies/bin/checkov --config-file .checkov.yaml

actions: env-test env-engine tools ## Record anew what each function does in AWS (all tests)
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder \
		--record-actions=tests/contract/actions.json

bench: env-test env-bench tools ## Measure what docs/performance.md and docs/costs.md say (ARGS=<section>)
	PYTHONPATH=layers/greenroom $(BIN)/python -m benchmarks $(ARGS)

reliability: env-test env-engine tools ## Prove docs/reliability.md anew (ARGS="tests/..." a part of it)
	@$(BIN)/python scripts/reliability.py $(ARGS)

openapi: env-test ## Write schemas/openapi.json
	$(BIN)/python scripts/openapi.py

lock: env-local ## Lock dependencies again (ARGS="--upgrade-package boto3" takes a newer one)
	$(BIN)/python scripts/lock.py $(ARGS)

clean: ## Remove everything that was built or installed; keep the data in .local
	rm -rf .venv .venv-* .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis tools/node_modules

env-local:
	@$(SETUP) $(VENV) local

env-test:
	@$(SETUP) $(VENV) local test

env-check:
	@$(SETUP) $(VENV) local test check

env-browser:
	@$(SETUP) $(VENV) local test browser

# The second engine, on which the store's tests run, too.
env-engine:
	@$(SETUP) .venv-ministack --only engine

# The engine again, under the Python that Lambda runs: it deploys the template and runs functions.
env-engine-3.13:
	@python=$$(WANTED=3.13 sh scripts/python.sh) && \
		"$$python" scripts/environment.py .venv-ministack-3.13 --only engine

# Lambda's Python, with the usual SDKs beside the product's: cold starts are counted under it.
env-bench:
	@if python=$$(WANTED=3.13 sh scripts/python.sh 2>/dev/null); then \
		"$$python" scripts/environment.py .venv-bench bench; \
	else echo "No Python 3.13: what is measured under Lambda's Python is left as it was."; fi

env-sam:
	@$(SETUP) .venv-sam --only sam

# checkov brings a hundred packages.
env-policies:
	@$(SETUP) .venv-policies --only policies

# The DynamoDB engine. Without npm, or where it fails, the laptop cloud uses its fallback.
tools: tools/node_modules/.package-lock.json

tools/node_modules/.package-lock.json: tools/package-lock.json
	@if command -v npm > /dev/null; then \
		npm ci --silent --ignore-scripts --fetch-retries 1 --prefix tools && touch $@ \
			|| echo "npm could not install the DynamoDB engine; using the fallback"; \
	fi
