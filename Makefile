SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.PHONY: help setup archive package demo airflow airflow-stop test cluster-test check bench soak docs screens clean

# Spark's workers and spark-submit find the interpreter and the jars through these alone.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export SPARK_HOME := $(CURDIR)/.venv/lib/python3.11/site-packages/pyspark
export PYSPARK_PYTHON := $(CURDIR)/.venv/bin/python
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Without compiled modules every process spends seconds compiling what it imports.
unexport PYTHONDONTWRITEBYTECODE

help: ## this help
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done

setup: ## install everything into this folder (uv, one lock; jars by Maven, checked against jars.sha256)
	@conf/setup/setup.sh

archive: ## lay out Spark's classes once, so that every later session starts faster (a minute)
	@conf/setup/setup.sh archive

package: setup ## what a cluster's nodes are given: our code, and the Python packages that tasks need, into dist/
	@python -m jobs.core.package

demo: setup ## three nights of the demo city through the Airflow DAG
	@set -a; . conf/airflow.env; exec python -m citypulse.demo

airflow: setup ## a standalone Airflow with the demo city, to look at
	@conf/setup/airflow.sh start

airflow-stop: ## stop it
	@conf/setup/airflow.sh stop

test: ## the whole test suite, two files at a time
	@conf/setup/setup.sh tests
	@pytest -n 2 --dist loadfile --no-loadscope-reorder

cluster-test: package ## a night on a Spark master and two workers of this machine, one killed; the tables of a local night (15 minutes)
	@python -m tests.cluster

check: setup ## what CI runs before the tests: format, lint, types, layout, every declaration
	@ruff format --check .
	@ruff check .
	@mypy
	@pytest -q tests/layout
	@citypulse check

bench: ## everything of docs/benchmarks.md measured again, beside programs that do less (hours; says before what it takes)
	@conf/setup/setup.sh bench
	@python -m tests.bench

soak: setup ## two hundred damaged and two hundred killed nights; figures go to docs/reliability.md (an hour)
	@python -m tests.soak

docs: setup ## docs/reference/: every source, table, column and indicator, from the declarations
	@python -m jobs.reference

screens: demo ## pictures of the demo's pages into .demo/screens (needs chromium)
	@conf/setup/screens.sh

clean: ## remove the demo, what other runs left, and every cache; keeps .venv and jars
	@rm -rf .demo .tutorial .bench .cluster dist .ruff_cache .mypy_cache .pytest_cache .hypothesis spark-warehouse metastore_db derby.log .tools/cache/cities .tools/cache/mypy .tools/cache/pytest
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +
