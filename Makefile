# Every command of the project, for people and CI alike.
PYTHON ?= python3
VENV := .venv/bin/python
PACKAGES := pharmrefer support accounts referrals
# As containers often have it: every program would compile all that it loads at each of its starts.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run codes reset install check test bench lock

help: ## Print this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

run: ## Start PharmRefer on this machine: PORT=8123 make run moves it
	@exec $(PYTHON) -m pharmrefer.local.install run

codes: ## Print new activation codes for the people of what make run has started
	@exec $(PYTHON) -m pharmrefer.local.install codes

reset: ## Throw away everything that make run keeps, and start over
	@exec $(PYTHON) -m pharmrefer.local.install reset

install: ## Install what the checks and tests need, into .venv and build/
	@$(PYTHON) -m pharmrefer.local.install develop

check: install ## Linters, types, layers, migrations and the deployment check
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m pharmrefer.local.throwaway -m mypy $(PACKAGES) tests manage.py
	$(VENV) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	$(VENV) -m pharmrefer.local.throwaway manage.py makemigrations --check --dry-run
	$(VENV) -m pharmrefer.local.throwaway manage.py check --deploy --fail-level WARNING

test: install ## Run the tests; REQUIRE_ALL=1 fails where something they need is missing
	$(VENV) -m pytest --numprocesses 3 --dist loadscope

bench: install ## Measure what pages, logins and deliveries cost, into var/bench.json
	@$(VENV) -m tests.bench

# Written for one make recipe: $(call compile,OUTPUT,ARGUMENTS)
compile = build/lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11.0 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --output-file requirements/$(1).txt $(2)

lock: ## Make the lock files anew from pyproject.toml
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --require-hashes -r requirements/lock.txt
	$(call compile,production,pyproject.toml)
	$(call compile,develop,pyproject.toml --group dev --constraints requirements/production.txt)
	$(call compile,servers,--group servers --no-deps)
	$(call compile,assets,--group assets --no-deps)
	$(call compile,lock,--group lock)
