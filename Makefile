.DEFAULT_GOAL := help
.PHONY: help build variant demo serve stop test lint bench guides mutants clean
# SERIES=18 or 17: build, test, lint, demo and serve work on the variant for that Odoo, which ODOO_PATH_18 or ODOO_PATH_17 names.

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 8

build: ## Python packages, Odoo, PostgreSQL, databases; SERIES=18 or 17 downloads that Odoo unless ODOO_PATH_18, ODOO_PATH_17 name it
	@scripts/run build

variant: ## the addon for another Odoo, written to build/: SERIES=18 or 17
	@scripts/variant

demo:  ## a simulated Amazon and a real Odoo with its orders; CHECK=1 verifies and ends; PORT, ODOO_PATH, PGHOST override
	@scripts/run demo

serve: ## Odoo and the simulator on a database that stays (amazon_dev)
	@scripts/run serve

stop:  ## end what demo, serve or a broken run left running
	@scripts/run stop

test:  ## all tests; ONLY=unit, contract, odoo or e2e runs a part, ONLY=core Odoo's own tests with the addon, ONLY=upgrade an upgrade and uninstalling (FROM=19.0.1.3.0), ONLY=series what moves from an older Odoo (FROM=17)
	@scripts/test $(ONLY)

lint:  ## ruff, pylint-odoo, XML
	@scripts/lint

bench: ## calls, time ratios, memory; a table and JSON lines; ONLY=orders, busy, listings, latency, shipments, settlements or memory runs parts
	@scripts/run bench

guides: ## the pages that the addon's screens link to, from doc/
	@scripts/run guides

mutants: ## changes amazon_api/ and amazon_reports/ at random and shows what no test notices; SAMPLE, SEED, ONLY, JOBS
	@scripts/mutants

clean: ## remove this project's databases, logs and the cache of Odoo and packages
	@scripts/run clean
