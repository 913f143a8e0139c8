# make run: everything, then the desk on a demo workspace. make test: everything, then the tests.
PYTHON ?= python3
# What fitting scorecards needs; EXTRAS= leaves it out, for the desk alone.
EXTRAS ?= --modelling
BIN := .venv/bin

.PHONY: run setup setup-tests test check format bench measure-reading measure-writing installer smoke approval samples lock clean

run: setup
	$(BIN)/caseworth demo

setup:
	@$(PYTHON) packaging/environment.py $(EXTRAS)

setup-tests:
	@$(PYTHON) packaging/environment.py --tests $(EXTRAS)

test: setup-tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-tests
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python bench/run.py

# Accuracy of kinds and fields: bench/reading/README.md. WITH="--set tuning --kind payslip" measures a part.
measure-reading: setup
	$(BIN)/python bench/measure_reading.py $(WITH)

# The installers of this platform, in dist/: docs/installing.md. The second target proves them in a clean system.
installer:
	@$(PYTHON) packaging/environment.py --installer
	build/installer/env/bin/python packaging/installer.py

smoke:
	$(PYTHON) packaging/smoke.py

# What those who must approve the program ask for, in dist/approval: docs/approval.md. WITH="--key KEY.pem" signs it.
approval: setup
	$(BIN)/python packaging/approval.py $(or $(PROGRAM),build/installer/program/caseworth) --out dist/approval $(WITH)

# How models word held-out plans: docs/drafting.md. WITH="--model FILE.gguf --plans 120" measures others beside the bundled one.
measure-writing: setup
	$(BIN)/python bench/measure_writing.py $(WITH)

samples: setup
	$(BIN)/python data/samples/make.py

# Modelling first: of the packages that all three share it takes the narrowest range.
lock:
	for lock in requirements-modelling:build,modelling requirements:build requirements-dev:build,dev \
	  requirements-speech:build,speech requirements-installer:build,installer; do \
	  uv pip compile pyproject.toml $$(echo $${lock#*:} | sed 's/[^,]*/--extra &/g; s/,/ /g') \
	    -c requirements.lock -c requirements-modelling.lock \
	    --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	    --no-emit-find-links -q -o $${lock%%:*}.lock; done

clean:
	rm -rf .venv .caseworth screenshots .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
