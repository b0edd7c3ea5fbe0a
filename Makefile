# Two commands: `make demo` and `make test`. Both set up all they need and can be repeated from any state.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STARTERS := minilm minilm-int8 wordllama smollm2-135m

.PHONY: demo test lowest faults validity bench studies lint docs wheel clean

demo: $(VENV)/.finetune
	$(BIN)/tuningfork models pull $(STARTERS)
	$(BIN)/tuningfork demo

test: $(VENV)/.dev
	$(BIN)/tuningfork models pull $(STARTERS)
	$(BIN)/python -m pytest -n auto --dist loadfile

# The oldest versions that pyproject.toml admits. Texts that hang on a version of rich are left out.
lowest: $(VENV)/.made
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip install -q -c constraints-lowest.txt torch
	$(VENV)-lowest/bin/python -m pip install -q -c constraints-lowest.txt -e '.[dev]'
	$(VENV)-lowest/bin/tuningfork models pull $(STARTERS)
	$(VENV)-lowest/bin/python -m pytest -n auto --dist loadfile --ignore=tests/golden

# What breaks: killed studies, lying servers. Half an hour or so; `make test` has the quick ones.
faults: $(VENV)/.dev
	$(BIN)/tuningfork models pull $(STARTERS)
	$(BIN)/python -m pytest -m faults

# What the statistics promise, simulated: ten minutes of one core, and the page of results.
TIMES ?= 30
validity: $(VENV)/.dev
	$(BIN)/python scripts/validity_results.py --measure $(TIMES)

# Speed beside what people use. About an hour on a quiet machine; needs the public data sets.
BENCHES := start again pairs head_curve embedding linear_curve finetune_trainer autointent prompt_local prompt_remote size compare
bench: $(VENV)/.bench
	$(BIN)/tuningfork models pull $(STARTERS)
	for bench in $(BENCHES); do BENCH_PYTHON=$(VENV)-rivals/bin/python \
		BENCH_PYTHON_AUTOINTENT=$(VENV)-autointent/bin/python $(BIN)/python benchmarks/$$bench.py || exit 1; done
	$(BIN)/python scripts/benchmarks.py

# The real studies of docs/results, one after the other: nearly five hours on a quiet machine; needs the public data
# sets. It may be stopped and started again. `make studies STUDIES="ibc sst2"` runs some of them.
STUDIES ?=
studies: $(VENV)/.dev
	$(BIN)/tuningfork models pull $(STARTERS)
	$(BIN)/python scripts/run_studies.py $(STUDIES)

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/results.py --check
	$(BIN)/python scripts/banking77_curves.py --check
	$(BIN)/python scripts/rows_in_docs.py
	$(BIN)/python scripts/guide.py --check
	$(BIN)/python scripts/shift_results.py --check
	$(BIN)/python scripts/validity_results.py --check
	$(BIN)/python scripts/benchmarks.py --check

docs: $(VENV)/.dev
	$(BIN)/mkdocs build --strict

wheel: $(VENV)/.dev
	$(PIP) wheel --no-deps -w dist .

clean:
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-rivals $(VENV)-autointent build dist site

# A virtual environment that was left half made is made again.
$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "tuningfork needs Python 3.11 or later; none was found"; exit 1; }
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	touch $@

# torch goes first and pinned: an open range can bring a build for GPUs of several GB.
$(VENV)/.finetune: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install -q -c constraints.txt torch
	$(PIP) install -q -c constraints.txt -e '.[finetune]'
	touch $@

$(VENV)/.dev: $(VENV)/.finetune
	$(PIP) install -q -c constraints.txt -e '.[dev]'
	touch $@

# Rivals with many dependencies get an environment of their own.
$(VENV)/.bench: $(VENV)/.dev benchmarks/rivals/requirements.txt benchmarks/rivals/autointent.txt
	$(PIP) install -q -c constraints.txt -e '.[bench]'
	$(PYTHON) -m venv --clear $(VENV)-rivals
	$(VENV)-rivals/bin/python -m pip install -q --disable-pip-version-check -r benchmarks/rivals/requirements.txt
	$(PYTHON) -m venv --clear $(VENV)-autointent
	$(VENV)-autointent/bin/python -m pip install -q --disable-pip-version-check -r benchmarks/rivals/autointent.txt
	touch $@
