# `make` alone lists what can be made. The work is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help install run test test-all coverage lint format package clean distclean

BIN := .venv/bin
# Processes for the serial tests.
WORKERS ?= 2
export WORKERS

# A Python to use instead of looking for one: make install PYTHON=/path/to/python3
PYTHON ?=

# Ranks that each start a thread pool get in each other's way.
export OMP_NUM_THREADS ?= 1
# Figures are files: draw without a display.
export MPLBACKEND ?= Agg
export PYVISTA_OFF_SCREEN ?= true
export VTK_DEFAULT_OPENGL_WINDOW ?= vtkEGLRenderWindow
# Another environment's packages must not leak into ours.
unexport PYTHONPATH PYTHONHOME

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## the environment: .venv with pinned packages, .venv/bin/scl-fem
	@PYTHON='$(PYTHON)' scripts/bootstrap.sh

run: install ## the main job: the interface of Li0.2V2O5 and LAGP, into results/
	$(BIN)/scl-fem run cases/lvo_lagp_x0.2_1d.toml -o results --overwrite

test: install ## the test suite, serial and under mpirun, without the slow ones
	scripts/test.sh

test-all: install ## the test suite with the slow ones
	scripts/test.sh --all

coverage: install ## the serial tests, and which lines of the package none of them runs (htmlcov/index.html)
	$(BIN)/python -m pytest -n $(WORKERS) --ignore=tests/parallel -m "not slow and not mpi" \
		--cov --cov-report=term:skip-covered --cov-report=html

lint: install ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

package: install ## wheel and source archive in dist/, each tried in a fresh environment
	scripts/test_package.sh --keep dist

format: install ## lay the code out, sort the imports
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

clean: ## caches and build products (not .venv, not results)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage* htmlcov
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## .venv too
	rm -rf .venv
