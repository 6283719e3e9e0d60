# make run       set up and start the service; with no forge configured, a simulated one starts beside it
#                (FORGE=gitlab or FORGE=both for others than GitHub)
# make test      set up and run every test (ARGS="tests/gate -k override" for some)
# make coverage  the core's tests, with every branch of model, detect and gate; make rest: all the others
# make lint      formatting, lint, types, floors; make format: mend what can be mended by itself
# make bench     figures of this machine
# make docs      write docs/catalogue.md and docs/gallery.md anew
# make release   wheel, sdist, what it is installed with, bill of materials and checksums in dist/
# make lock      resolve the dependencies anew (needs uv)
# make clean     take away everything that these made, the state in var/ too
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENV := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench docs release lock coverage rest clean

CORE := tests/cases tests/detect tests/evaluation tests/forges tests/gate tests/model
DRAWN := $(wildcard tests/*/test_properties.py)
REST := $(DRAWN) $(filter-out $(CORE),$(patsubst %/,%,$(wildcard tests/*/))) $(wildcard tests/test_*.py)

help:
	@sed -n '/^# /!q; s/^# //p' Makefile

$(VENV)/.ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(ENV) $(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@$(ENV) $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: $(VENV)/.ready
	@exec $(BIN)/signoff serve --sandbox-if-unconfigured --sandbox-forge $(or $(FORGE),github)

test: $(VENV)/.ready
	$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

# Without the tests whose examples are drawn at random: what covers a line today covers it tomorrow.
coverage: $(VENV)/.ready
	$(BIN)/python -m coverage run --source=bot/model,bot/detect,bot/gate -m pytest -q $(CORE) $(addprefix --ignore=,$(DRAWN))
	$(BIN)/python -m coverage report --fail-under=100 --show-missing --skip-covered

# What `make coverage` leaves out, so that both together are `make test` without a test run twice.
rest: $(VENV)/.ready
	$(BIN)/python -m pytest -n 3 --dist worksteal $(REST)

lint: $(VENV)/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.ready
	$(BIN)/python -m tests.gate.bench_decide
	$(BIN)/python -m tests.evaluation.bench tests/evaluation/commits.jsonl
	$(BIN)/python -m tests.bench

docs: $(VENV)/.ready
	$(BIN)/python -m bot.detect.page > docs/catalogue.md
	$(BIN)/python -m tests.docs.gallery > docs/gallery.md

# The bill of materials names what the service is installed with (deploy/requirements.txt), with hashes and licences.
release: $(VENV)/.ready
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	cp deploy/requirements.txt dist/requirements.txt
	$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements --validate --pyproject pyproject.toml --mc-type application \
		--output-reproducible --output-format JSON --output-file dist/sbom.cdx.json deploy/requirements.txt
	$(BIN)/python -m tests.deploy.materials dist/sbom.cdx.json
	cd dist && sha256sum * > SHA256SUMS

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --extra sandbox pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --extra sandbox --group dev pyproject.toml --output-file requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --constraint requirements.txt pyproject.toml --output-file deploy/requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --constraint requirements-dev.txt --group build --output-file deploy/requirements-build.txt

clean:
	rm -rf $(VENV) var build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
