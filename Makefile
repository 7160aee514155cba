# The commands of Kehu. Everything is installed below this folder (.uv, .venv) and runs on this machine only.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
export UV_PYTHON_DOWNLOADS := never
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false
export PYTHONUNBUFFERED := 1
# Where it is set, every process compiles dbt and Great Expectations anew: seconds each. Empty means not set.
export PYTHONDONTWRITEBYTECODE :=

RUN := .venv/bin
STAMP := .venv/.synced

.PHONY: help setup demo demo-shop up secrets test test-unit test-all lint format dictionary entities calling-codes bench clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.uv/bin/uv:
	@echo "Kehu: uv is not installed; putting it into .uv"
	@$(PYTHON) tools/bootstrap_uv.py .uv

$(STAMP): pyproject.toml uv.lock | $(UV)
	@echo "Kehu: installing the locked environment into .venv"
	@$(UV) sync --frozen --extra demo
	@touch $@

setup: $(STAMP) ## Install the locked environment

demo: setup ## From real data to a published release, through Airflow
	@$(RUN)/python -m kehu.orchestration.local.demo

DEMO_SHOP := .kehu/demo_shop
demo-shop: setup ## A shop that knows its truth, from its files to a published release, through Airflow
	@$(RUN)/kehu demo-shop --customers 2000 --days 540 --first-load 520 --seed 1 --to $(DEMO_SHOP)/files
	@KEHU_HOME=$(DEMO_SHOP)/home KEHU_SOURCES=$(DEMO_SHOP)/files/sources.yml $(RUN)/python -m kehu.orchestration.local.demo --as-of 2025-12-31

up: setup ## Airflow with its UI and the DAGs on this machine
	@$(RUN)/python -m kehu.orchestration.local.up

secrets: ## Write .env with generated keys and passwords for docker compose, once
	@$(PYTHON) tools/make_secrets.py

lint: setup ## Style and types
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	@# mypy has one thread: it runs beside sqlfluff
	$(RUN)/mypy & types=$$!; sql=0; $(RUN)/sqlfluff lint --processes 2 dbt_project || sql=$$?; wait $$types && exit $$sql

format: setup ## Apply the formatters
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .
	$(RUN)/sqlfluff fix --processes 2 dbt_project

test-unit: setup ## The unit tests that are not slow, about three minutes
	$(RUN)/python -m pytest tests/unit -n 2 --dist loadfile -m "not slow"

test: lint ## All tests, each long group by one case
	@# a third worker works where two wait for schedulers and disks
	$(RUN)/python -m pytest tests -n 3 --dist loadfile --no-loadscope-reorder

test-all: lint ## The long groups whole; writes a dated result file to results/
	@mkdir -p results
	@$(UV) sync --frozen --extra demo --extra deploy
	@UV_PROJECT_ENVIRONMENT=.venv-spark $(UV) sync --frozen --only-group spark
	$(RUN)/python -m pytest tests -n 2 --dist loadfile --no-loadscope-reorder --long --junitxml=results/test-all-$$(date -u +%Y%m%dT%H%M%SZ).xml

dictionary: setup ## Write docs/data_dictionary.md from the models
	$(RUN)/python tools/data_dictionary.py

entities: setup ## Write what is made of entities.yml: staging's models, their documentation, the docs' table
	$(RUN)/python tools/entities.py

calling-codes: setup ## Write what telephone numbers look like in each country, from libphonenumber's metadata
	$(RUN)/python tools/calling_codes.py

bench: setup ## Measure (minutes): see bench/README.md
	$(RUN)/python bench/run.py

clean: ## Remove what runs have made (.kehu), not the environment
	rm -rf .kehu
