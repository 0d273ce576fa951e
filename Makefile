# Every target sets up what it needs: `make run` on a fresh checkout is enough.
# PYTHON=/path/to/python names the interpreter to make .venv with.
.DEFAULT_GOAL := help
# Many tests wait for processes and timers, so there is room for half as many again as there are cores.
pytest = .venv/bin/python -m pytest -n $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )) --dist worksteal
.PHONY: help setup run demo test cover simulation crash lint types docs bench lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup:  ## make .venv from the lock (the others do this by themselves)
	@sh tools/setup

run: setup  ## serve, or show the demo where nothing is configured yet
	@.venv/bin/handshake serve --or-demo

demo: setup  ## show Handshake at work, on stand-ins for GitHub and Jira
	@.venv/bin/handshake demo

test: setup  ## run all tests but the longest
	@$(pytest) -m "not simulation"

cover: setup  ## the same but the crashes, counting which branches are taken (slower)
	@$(pytest) --cov -m "not simulation and not crash"

simulation: setup  ## run the longest: every order of deliveries, hundreds of random stories, a storm
	@$(pytest) -m simulation

crash: setup  ## kill the real service a hundred times under load, and count what was lost or doubled
	@.venv/bin/python -m tests.crash.run

lint: setup  ## check style and the layers
	@.venv/bin/ruff check .
	@.venv/bin/lint-imports

types: setup  ## check the types
	@.venv/bin/mypy

docs: setup  ## make docs/rules.md from the code
	@.venv/bin/python tools/reference.py > docs/rules.md.new
	@mv docs/rules.md.new docs/rules.md

bench: setup  ## measure, and write the figures into benchmarks/README.md
	@.venv/bin/python -m benchmarks.run

lock: setup  ## renew both locks with the newest versions that pyproject.toml allows
	@sh tools/lock

clean:  ## remove .venv and everything made by tools
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
