# make demo   set up and run the main job on the photographs that come with it
# make test   set up and run the tests
# The rest: check (lint, types, layers, docs), long, bench (ARGS="--quick"), docs, footprint, clean.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV ?= .venv
# what needs torchvision is tested in an environment of its own, which looks into the first one for all the rest
VENV2 ?= .venv-torchvision
OUT ?= demo-out
BIN = $(VENV)/bin
SOURCES = pyproject.toml constraints.txt packages/starter/pyproject.toml

.PHONY: demo test check long bench docs footprint clean

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "expected Python 3.11 to 3.13 on the PATH, found none: install one, then make again"; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"expected Python 3.11 to 3.13, got {v}: make PYTHON=python3.11")'
	"$(PYTHON)" -m venv $(VENV) || { echo "this Python has no venv; on Debian: apt-get install python3-venv"; exit 1; }

# a stamp for each set of extras, so that a second make installs nothing
$(VENV)/.demo: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e packages/starter -e '.[train,ocr]'
	@touch $@

$(VENV)/.test: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e packages/starter -e '.[test]'
	@touch $@ $(VENV)/.demo

$(VENV)/.check: $(VENV)/.test
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e packages/starter -e '.[test,check]'
	@touch $@

$(VENV2)/.test: $(VENV)/.test
	$(BIN)/python -m venv $(VENV2)
	$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> "$$($(VENV2)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/first.pth"
	$(VENV2)/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt torchvision timm open_clip_torch num2words
	@# docTR asks for a second OpenCV and an older hub client, which it does not need, so what it does need is named
	$(VENV2)/bin/python -m pip install -q --disable-pip-version-check --no-deps -c constraints.txt \
		python-doctr h5py pypdfium2 langdetect rapidfuzz anyascii validators rfdetr 'pydeprecate>=0.9,<0.10'
	@touch $@

demo: $(VENV)/.demo
	$(BIN)/ocella demo --out $(OUT)

test: $(VENV)/.test $(VENV2)/.test
	$(BIN)/python -m pytest -m "not long" --ignore=tests/torchvision
	$(VENV2)/bin/python -m pytest -m "torchvision and not long" tests/contracts/test_models.py tests/torchvision tests/workflows/blocks/models

check: $(VENV)/.check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports
	$(BIN)/python tools/reference.py --check

long: $(VENV)/.test
	$(BIN)/python -m pytest -m long

bench: $(VENV)/.test
	$(BIN)/python bench/run.py $(ARGS)

docs: $(VENV)/.test
	$(BIN)/python tools/reference.py

footprint: $(VENV)/bin/python
	$(BIN)/python tools/footprint.py --write README.md

clean:
	rm -rf $(VENV) $(VENV2) $(OUT) dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
