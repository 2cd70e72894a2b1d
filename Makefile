# Everything here makes and uses the environment .venv. PYTHON may name another interpreter (3.11 to 3.13).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" --override requirements/without-torch.txt $(if $(UPGRADE),--upgrade)
DEMO := demo
BENCH := .bench
WORKERS ?= auto
BENCH_LIBRARY ?= data/library
BENCH_QUESTIONS ?= data/questions/sample.jsonl
BENCH_WINDOWS ?= 100000
FUZZ_MINUTES ?= 5
MEASURE := PYTHONPATH=. $(BIN)/python
OF_LARGE := COUNTERPOINT_LIBRARY=$(BENCH_LIBRARY) COUNTERPOINT_STATE=$(BENCH)/large
export HF_HUB_OFFLINE ?= 1

.PHONY: help install lock hooks check demo test coverage lint types contracts docs docs-serve bench fuzz drill-faults train-axis train-encoder clean schemas

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.installed ## Make the environment with everything in it

# PyTorch first, by version; then everything else by hash; then this project itself. See requirements/torch.txt.
$(VENV)/.installed: pyproject.toml requirements/torch.txt requirements/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --constraint requirements/torch.txt torch
	$(PIP) --require-hashes --no-deps --requirement requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	@touch $@

lock: install ## Write the locks anew after a change of pyproject.toml (UPGRADE=1: newest versions of everything)
	$(LOCK) --output-file requirements/run.txt pyproject.toml
	$(LOCK) --output-file requirements/dev.txt --constraint requirements/run.txt --all-extras --group dev --group docs pyproject.toml

hooks: install ## Let git check every commit (.pre-commit-config.yaml)
	$(BIN)/pre-commit install

check: install ## Check all files as the hooks do
	$(BIN)/pre-commit run --all-files

demo: install ## Index the sample library and answer two questions in the terminal
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@echo '$$ counterpoint index'
	@$(BIN)/counterpoint --library data/library --state $(DEMO) index
	@echo; echo '$$ counterpoint find "who is liable when it goes wrong"'
	@$(BIN)/counterpoint --library data/library --state $(DEMO) find "who is liable when it goes wrong"
	@echo; echo '$$ counterpoint counterbalance "weights you can hold" -n 1'
	@$(BIN)/counterpoint --library data/library --state $(DEMO) counterbalance "weights you can hold" -n 1

test: install lint types contracts ## Everything that CI runs
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

coverage: install ## Run the tests and say which lines none of them reaches (htmlcov/ shows them)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term --cov-report=html

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

contracts: install
	$(BIN)/lint-imports

docs: install ## Build the site of docs/ into site/
	$(BIN)/mkdocs build --strict

docs-serve: install ## Show the site on this machine while its pages are written
	$(BIN)/mkdocs serve

schemas: install ## Write the JSON schemas of what the library answers (docs/schema)
	$(BIN)/python -m bot.render.json_models docs/schema

train-axis: install ## Train the semantic reader on the axis's statements (COUNTERPOINT_AXIS names another axis)
	$(BIN)/counterpoint --library data/library --state $(DEMO) train-axis

train-encoder: install ## Train the maps to word pieces that order answers (MINUTES: files of minutes, APART: a measured library's questions)
	@test -n "$(MINUTES)" || { echo "MINUTES is not set: name files of minutes, JSON lines with text."; exit 2; }
	$(BIN)/counterpoint train-encoder $(MINUTES) $(if $(APART),--apart $(APART))

drill-faults: install ## Ask the real bot 5,000 questions, some strange, while its workers are killed and hung
	@mkdir -p $(BENCH)
	$(BIN)/counterpoint --library $(BENCH_LIBRARY) --state $(BENCH)/state index
	PYTHONPATH=.:tests $(BIN)/python bench/faults_drill.py $(BENCH_LIBRARY) $(BENCH)/state

fuzz: install ## Try hostile inputs on everything that takes text or bytes (FUZZ_MINUTES, FUZZ_SEED)
	$(MEASURE) bench/fuzz.py --minutes $(FUZZ_MINUTES) $(if $(FUZZ_SEED),--seed $(FUZZ_SEED))

bench: install ## Measure all of it (BENCH_LIBRARY, BENCH_QUESTIONS and BENCH_WINDOWS name other material)
	@mkdir -p $(BENCH)
	$(BIN)/counterpoint --library $(BENCH_LIBRARY) --state $(BENCH)/state index
	$(MEASURE) bench/editions.py $(BENCH)/state $(BENCH)/large $(BENCH_WINDOWS)
	$(MEASURE) bench/vectors.py $(BENCH)/large $(BENCH_QUESTIONS)
	$(OF_LARGE) $(MEASURE) bench/startup.py
	$(OF_LARGE) $(MEASURE) bench/questions.py $(BENCH_QUESTIONS) --people 50
	$(OF_LARGE) $(MEASURE) bench/peers.py $(BENCH_QUESTIONS)
	COUNTERPOINT_LIBRARY=$(BENCH_LIBRARY) COUNTERPOINT_STATE=$(BENCH)/state $(MEASURE) bench/embedding.py --windows 300
	$(MEASURE) bench/building.py $(BENCH_LIBRARY) --episodes 100 1000 --work $(BENCH)/growing
	$(MEASURE) bench/drawing.py 15

clean: ## Remove the environment and what was built
	rm -rf $(VENV) $(DEMO) $(BENCH) site htmlcov .coverage* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
