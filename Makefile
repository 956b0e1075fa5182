# make lab     open the course in JupyterLab (PORT=8888)
# make test    everything: lint, types, the book, unit tests, notebooks
# make check   lint, types, and the order of the rooms
# make docs    the book: the lessons and the documentation as a site, build/book/index.html
# make page    the photo lab as static files that need only a browser: build/page
# make bench   hold colorlab against what people would pick instead: half an hour on an idle machine
# make pythons the unit tests on each supported Python that is here
# make oldest  the unit tests with the oldest versions of what colorlab depends on
# make mutants change the package in some two thousand places, one by one: do the tests notice?
# make format  rewrite the code as the lint wants it
# make clean   remove what these commands made
#
# All of them but the last make .venv and install colorlab into it when that is needed.

PORT ?= 8888
PYTHON := .venv/bin/python
# A name on PATH may lead to nothing, and Debian ships Python without ensurepip, so each is tried.
USABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

.PHONY: setup lab test check docs page bench pythons oldest mutants format clean

setup: .venv/.installed

# No lesson should open under a question about Jupyter's news. The stamp comes last: an install that
# was interrupted is done again.
.venv/.installed: pyproject.toml
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
	    for python in python3.13 python3.12 python3.11 python3; do \
	        if $$python -c '$(USABLE)' 2>/dev/null; then exec $$python -m venv --clear .venv; fi; \
	    done; \
	    echo "No Python 3.11, 3.12 or 3.13 with venv found: install one; on Debian and Ubuntu, apt install python3-venv." >&2; \
	    exit 1; }
	$(PYTHON) -m pip install --disable-pip-version-check --editable '.[docs,export,lab,test]'
	@$(PYTHON) -m jupyter labextension disable --level=sys_prefix \
	    @jupyterlab/apputils-extension:announcements 2>/dev/null
	@touch $@

# At this log level Jupyter says its address and what goes wrong. The address leads to the lesson, also
# when it is typed into a browser on another machine, at the near end of a tunnel.
lab: setup
	@$(PYTHON) -m jupyter lab --ip=127.0.0.1 --port=$(PORT) --log-level=WARN \
	    --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
	    $(if $(filter 0,$(shell id -u)),--allow-root)

test: setup
	@$(PYTHON) scripts/test.py

check: setup
	@$(PYTHON) scripts/test.py lint format types rooms

docs: setup
	@$(PYTHON) scripts/test.py docs
	@echo "Open build/book/index.html in a browser."

page: setup
	@$(PYTHON) scripts/page.py

bench: setup
	@$(PYTHON) -m pip install --disable-pip-version-check --quiet --editable '.[bench,lab,test]'
	@failed=; for name in encoding fused colorizing limits latency lessons steps; do \
	    printf '\n## %s\n\n' $$name; \
	    $(PYTHON) benchmarks/$$name.py || failed="$$failed $$name"; \
	done; \
	if [ "$$failed" ]; then echo "Failed:$$failed" >&2; exit 1; fi

pythons: setup
	@$(PYTHON) scripts/environments.py 3.11 3.12 3.13

oldest: setup
	@$(PYTHON) scripts/environments.py oldest

mutants: setup
	@$(PYTHON) scripts/mutants.py

format: setup
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

clean:
	rm -rf .venv .venv-* build site/node_modules *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
