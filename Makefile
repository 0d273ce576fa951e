# Every target sets up what it needs: `make run` on a fresh checkout is enough.
# PYTHON=/path/to/python names the interpreter to make .venv with.
.DEFAULT_GOAL := help
# The tests start hundreds of processes, each of which would compile all anew.
unexport PYTHONDONTWRITEBYTECODE
# Many tests wait for processes and timers, so there is room for half as many again as there are cores.
pytest = .venv/bin/python -m pytest -n $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )) --dist worksteal
# What runs in this process is measured; the rest goes over the same lines once more, or in processes of its own.
measured = tests/unit tests/adapters tests/cli tests/edge tests/engine tests/sandbox tests/store
.PHONY: help setup run demo unit test cover simulation everywhere crash ci lint types docs bench lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup:  ## make .venv from the lock (the others do this by themselves)
	@sh tools/setup

run: setup  ## serve, or show the demo where nothing is configured yet
	@.venv/bin/handshake serve --or-demo

demo: setup  ## show Handshake at work, on stand-ins for GitHub and Jira
	@.venv/bin/handshake demo

unit: setup  ## run what needs no process, no HTTP and no PostgreSQL (under a minute)
	@$(pytest) -n $$(getconf _NPROCESSORS_ONLN) -p no:schemathesis -p no:anyio tests/unit

test:  ## run all tests but the longest
	@echo 'make test: all but the longest tests, about four minutes on two cores (make unit: under one).'
	@test -e .venv || echo 'First a .venv is made from the lock, once: a minute or two, as the network goes.'
	@sh tools/setup
	@$(pytest) -m "not simulation and not crash"

cover: setup  ## count which branches the tests inside one process take: at least 95 %
	@$(pytest) $(measured) --thorough --cov

simulation: setup  ## run the longest: every order of deliveries, hundreds of random stories, a storm
	@$(pytest) --thorough -m simulation

everywhere: setup  ## run each cell of each matrix on PostgreSQL too
	@$(pytest) --everywhere -m "matrix and thorough"

crash: setup  ## kill the real service a hundred times under load, and count what was lost or doubled
	@.venv/bin/python -m tests.crash.run

ci: setup  ## run all tests but the longest, with all cells of each matrix, and kill the real service
	@$(pytest) --thorough --hypothesis-profile=few -m "not simulation"

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
