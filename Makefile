# Two commands do everything on a fresh machine: `make demo` and `make test`.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEMO := runs/demo
MINUTES ?= 30
PINS ?=

.PHONY: demo test oldest lint types schema gallery bench faults fuzz clean

demo: $(READY)
	rm -rf $(DEMO)
	$(BIN)/netspec check specs/digits_resnet.yaml
	$(BIN)/netspec train specs/digits_resnet.yaml --recipe specs/recipes/digits.yaml --out $(DEMO)
	$(BIN)/netspec draw specs/digits_resnet.yaml -o $(DEMO)/digits_resnet.svg
	$(BIN)/netspec build specs/digits_resnet.yaml -o $(DEMO)/digits_resnet.py
	@echo "The drawing, the emitted Python, the weights and the metrics are in $(DEMO)/"

test: $(READY)
	$(BIN)/python -m pytest -n auto

# The suite once more with the oldest torch that pyproject.toml admits.
oldest:
	$(MAKE) test VENV=.venv-oldest PINS="torch==2.11.0 torchvision==0.26.0"

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

schema: $(READY)
	$(BIN)/netspec schema -o specs/netspec.schema.json
	$(BIN)/netspec schema --recipe -o specs/recipes/recipe.schema.json

gallery: $(READY)
	$(BIN)/python docs/gallery.py

bench: $(READY)
	$(BIN)/python -m benchmarks.compiler
	$(BIN)/python -m benchmarks.speed

faults: $(READY)
	$(BIN)/python -m benchmarks.faults

fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

# The environment is made anew when what it holds changes.
$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]" $(PINS)
	touch $@

clean:
	rm -rf $(VENV) runs build dist
