# make demo: scaffold a project and show its program running
# make test: install what is missing and run all tests; TIER=render, lint, image, … runs a part
# make release-check VERSION=v1.2.0: may that version be released?
VENV := .venv
PYTHON ?= python3
TIER ?=
VERSIONS ?=

.PHONY: demo
demo: $(VENV)/.done
	$(VENV)/bin/python scripts/demo.py $(VERSIONS)

.PHONY: test
test: $(VENV)/.test
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" VERSIONS="$(VERSIONS)" $(VENV)/bin/pytest $(if $(TIER),tests/$(TIER))

.PHONY: lint
lint: $(VENV)/.test
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

.PHONY: release-check
release-check: $(VENV)/.test
	$(VENV)/bin/python scripts/release.py $(VERSION)
	$(MAKE) test TIER=update

.PHONY: bench
bench: $(VENV)/.test
	$(VENV)/bin/python scripts/bench.py $(VERSIONS)

.PHONY: bench-propagate
bench-propagate: $(VENV)/.test
	$(VENV)/bin/python scripts/bench_propagate.py

.PHONY: picture
picture: $(VENV)/.test
	$(VENV)/bin/python scripts/picture.py $(VERSIONS)

.PHONY: golden
golden: $(VENV)/.done
	$(VENV)/bin/python scripts/golden.py $(VERSION)

$(VENV)/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.test: $(VENV)/.done
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@
