# demo: two synthetic cameras fused live through the real nodes, with a recording and a report in demo/.
# test-gpu: the tests that need an NVIDIA GPU; they skip where there is none.
# test, check: the tests; lint, types and import contracts. Each sets up what it needs in .venv.
# soak: a system attacked for MINUTES (20), and its sockets with ten times the noise of the tests.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

MINUTES ?= 20

.PHONY: demo test test-gpu check soak clean

demo: .venv/core.stamp
	$(BIN)/irvis run configs/pipeline/demo.yaml --report demo/report.json

# Two at a time: many tests wait for processes and sockets. A file stays in one worker, with what it sets up.
test: .venv/dev.stamp
	$(BIN)/python -m pytest --quiet --numprocesses 2 --dist loadfile

test-gpu: .venv/dev.stamp
	$(BIN)/python -m pytest --quiet -m gpu

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: .venv/dev.stamp
	$(BIN)/python -m pipeline.chaos.soak --minutes $(MINUTES)
	IRVIS_FUZZED=100000 $(BIN)/python -m pytest --quiet tests/pipeline/test_security.py

.venv/core.stamp: pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	touch $@

.venv/dev.stamp: .venv/core.stamp
	$(PIP) --editable '.[train,int8,tensorrt-rtx,dev]'
	touch $@

clean:
	rm -rf .venv demo
