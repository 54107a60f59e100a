# make demo   the whole chain on the demo company, then the dashboard (SERVE=0: stop after the chain)
# make test   everything that gates a release (make test-faults: kills and storms; make test-journeys: users' ways in a browser)
# Both make their own virtual environment once. See README.md.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
WARM   := $(VENV)/.warm
SERVE  ?= 1
PART   ?= all
export OPENBLAS_NUM_THREADS = 1
export OMP_NUM_THREADS = 1
unexport PYTHONDONTWRITEBYTECODE  # compiled modules are kept: without them every process compiles half of its time

.PHONY: help demo test test-faults test-load test-journeys bench bench-scale lint lock sbom pictures clean

help:
	@sed -n '1,3s/^# //p' Makefile

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: '$(PYTHON)' was not found. Set PYTHON=/path/to/python3.11."; exit 1; }
	@echo "==> Virtual environment in $(VENV), once (a few minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-compile --require-hashes --progress-bar on -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -q -e .
	@touch $@

demo: $(STAMP)
	@$(BIN)/voc demo $(if $(filter 0,$(SERVE)),--no-serve,)

# Once a virtual environment: every module the tests import is compiled by one process (three would do it three times), and
# mypy fills its cache beside it.
$(WARM): $(STAMP)
	@$(BIN)/mypy > .mypy.log 2>&1 & $(BIN)/python -m pytest --collect-only -q > /dev/null 2>&1; wait; touch $@

test: $(WARM)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q .
	@$(BIN)/mypy > .mypy.log 2>&1 & types=$$!; \
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 0 --durations 40 --durations-min 5; tests=$$?; \
	wait $$types; typed=$$?; cat .mypy.log; exit $$((tests || typed))

test-faults: $(STAMP)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0 -m faults -rP

# First that nothing is lost, then the figures: within the hour on two quiet cores (VOC_BENCH_ROWS=1000000: the full history).
test-load: $(STAMP)
	@$(BIN)/python -m pytest -m load
	@$(BIN)/voc bench report --part load

# The company of `make demo` is walked as it lies in data/, on copies; without it, it is made first.
test-journeys: $(STAMP)
	@test -d data/lake || $(BIN)/voc demo --no-serve
	@$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0 -m journeys

lint: $(STAMP)
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format . && $(BIN)/mypy

bench: $(STAMP)
	@$(BIN)/voc bench report --part $(PART)

# Some 35 minutes on two quiet cores; ten with VOC_SCALE_ROWS=1000 VOC_SCALE_READ=600 VOC_SCALE_TEXTS=1500 (docs/scale.md)
bench-scale: $(STAMP)
	@$(BIN)/voc bench report --part scale

# Renews requirements.lock from pyproject.toml; needs uv on the PATH (pip install uv). No registry is named in the file.
lock:
	uv pip compile pyproject.toml --extra dev --extra dask --extra postgres --extra s3 --extra uplift --python-version 3.11 --override .lock-overrides \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade -o requirements.lock

# A bill of materials (CycloneDX) of what the lock names, each package with its hashes; the tool has an environment of its own.
SBOM ?= sbom.cdx.json
sbom:
	@test -x .venv-sbom/bin/cyclonedx-py || { $(PYTHON) -m venv .venv-sbom && .venv-sbom/bin/python -m pip install --disable-pip-version-check -q cyclonedx-bom==7.5.0; }
	@.venv-sbom/bin/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --output-reproducible -o $(SBOM) requirements.lock

pictures: $(STAMP)
	@$(BIN)/python docs/pictures/make.py

clean:
	rm -rf $(VENV) .venv-sbom data/lake data/ledger.sqlite* data/models data/out data/demo
