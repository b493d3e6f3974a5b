# Two commands do everything on a fresh machine with python3 (3.11 or newer), git and make:
#   make repro    the whole pipeline on the data in the repo
#   make test     the tests (make test-all: their long forms, too)

PYTHON ?= python3

# The environment is good if the stamp is there. Its name holds what it was made of: the pins, and the folder,
# because the commands in .venv/bin name it. It is made last, so that an interrupted set-up starts afresh.
STAMP := .venv/made-of-$(shell { pwd; cat requirements.txt; } | git hash-object --stdin)
# The same for what tests and checks need besides.
TESTS := .venv/tests-of-$(shell git hash-object requirements-test.txt)
python := .venv/bin/python

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export BENTOML_DO_NOT_TRACK := True
export DVC_NO_ANALYTICS := 1
# DVC trusts what it finds in its cache of states, and would keep that where every user of the machine may write.
export DVC_SITE_CACHE_DIR := $(CURDIR)/.venv/dvc

# What a person types reaches the commands letter by letter: neither make nor the shell expands it.
override BY := $(value BY)
override DECISION := $(value DECISION)
override NOTE := $(value NOTE)
override VERSION := $(value VERSION)
override BASE := $(or $(value BASE),main)
override CSV := $(value CSV)
override TARGET := $(value TARGET)
# Only from the command line: TIME and GROUP mean something else in some shells' environments.
typed = $(if $(filter command,$(origin $(1))),$(value $(1)))
override TASK := $(call typed,TASK)
override POSITIVE := $(call typed,POSITIVE)
override DROP := $(call typed,DROP)
override TIME := $(call typed,TIME)
override GROUP := $(call typed,GROUP)
override NAMES := $(call typed,NAMES)
override URL := $(call typed,URL)
override SET := $(call typed,SET)
override TO := $(call typed,TO)
override FILE := $(call typed,FILE)
override TRIALS := $(call typed,TRIALS)
override TAKE := $(call typed,TAKE)
export BY DECISION NOTE VERSION BASE CSV TARGET TASK POSITIVE DROP TIME GROUP NAMES URL SET TO FILE HTML TRIALS TAKE

.PHONY: help repro test test-all serve deploy adopt tune experiments add-data remote push verify-data verify review resolve approve rollback history publish report-diff \
	bench lint lock licences
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

repro: $(STAMP) ## run the stages that something changed for: data, params, code or packages
	@$(python) -m stages.repro

test: $(TESTS) ## run the tests, but for the long forms of some
	@$(python) -m pytest --numprocesses auto --dist loadfile -m "not slow"

test-all: $(TESTS) ## run all tests, as the workflows do
	@TESTS=all $(python) -m pytest --numprocesses auto --dist loadfile --durations 10

serve: $(STAMP) ## start the prediction service on the approved model, or on the candidate while none is approved
	@PYTHON=$(python) exec serve/start

deploy: $(STAMP) ## let the running service take up the approved model, without dropping a request
	@$(python) -m serve.deploy

adopt: $(STAMP) ## take a table of your own: CSV=path-or-url TARGET=column [TASK= POSITIVE= DROP= TIME= GROUP= NAMES=]
	@ADOPT_TYPED=make $(python) -m stages.adopt "$$CSV" --target="$$TARGET" $${TASK:+--task="$$TASK"} \
		$${POSITIVE:+--positive="$$POSITIVE"} $${DROP:+--drop="$$DROP"} $${TIME:+--time="$$TIME"} \
		$${GROUP:+--group="$$GROUP"} $${NAMES:+--names="$$NAMES"}

tune: $(STAMP) ## try TRIALS=50 settings of tune.search on validation rows, each a DVC experiment; or TAKE=name over
	@$(python) -m stages.tune $${TRIALS:+--trials="$$TRIALS"} $${TAKE:+--take="$$TAKE"}

# Without what nobody may choose by, and without files: the loss that counts is the one that train chooses by.
experiments: $(STAMP) ## show what was tried from this commit, the lowest loss of the validation rows first
	@dvc exp show --only-changed --keep '^by_validation\b' \
		--drop '^(hold_out|cross_validation|tune|data|metrics|model|reports|stages|serve)\b' \
		$$(sed -n 's/^    "\(log_loss\|rmse\)":.*/--sort-by by_validation.\1/p' metrics/summary.json | head -n 1)

add-data: $(STAMP) ## add a file to a table that is there, once it was tried: FILE=more.csv
	@$(python) -m stages.add_data -- "$$FILE"

remote: $(STAMP) ## share what DVC keeps: URL=s3://…, ssh://…, gs://…, azure://…, https://… or a folder [SET="key=value"]
	@$(python) -m stages.remote --set="$$SET" -- "$$URL"

push: $(STAMP) ## send what DVC keeps to the remote; make repro in a clone then pulls it instead of making it
	@$(python) -m stages.push

verify-data: $(STAMP) ## compare every byte that DVC keeps with dvc.lock [FIX=1] [REMOTE=1]
	@$(python) -m stages.verify_data $(if $(filter 1,$(call typed,FIX)),--fix) $(if $(filter 1,$(call typed,REMOTE)),--remote)

verify: $(STAMP) ## prove that the committed dvc.lock is what the code makes, in two fresh clones [LOCK_ONLY=1]
	@$(python) -m stages.verify $(if $(filter 1,$(call typed,LOCK_ONLY)),--lock-only)

review: $(STAMP) ## what the work here changes against BASE=main, on the same rows [HTML=1]
	@$(python) -m stages.review $${HTML:+--html} -- "$$BASE"

resolve: $(STAMP) ## after a git merge: make again what is in conflict and a stage makes
	@$(python) -m stages.resolve

approve: $(STAMP) ## make the candidate the champion: BY="your name" [DECISION=] [NOTE=] [VERSION=]
	@$(python) -m stages.approve --by="$$BY" $${DECISION:+--decision="$$DECISION"} \
		$${NOTE:+--note="$$NOTE"} $${VERSION:+--version="$$VERSION"}

rollback: $(STAMP) ## put a former model in use again: BY="your name" NOTE="why" [TO=v1.0.0]
	@$(python) -m stages.rollback --by="$$BY" --note="$$NOTE" $${TO:+--to="$$TO"}

history: $(STAMP) ## show every decision about a model, its data and score, and which one is in use
	@$(python) -m stages.history

publish: $(STAMP) ## stamp the signed report with its decision, as reports/published/<version>.pdf
	@$(python) -m stages.publish

report-diff: $(STAMP) ## show what changed in the report since BASE=main, side by side
	@$(python) -m stages.report_diff -- "$$BASE"

bench: $(STAMP) ## measure the pipeline against the same work in one plain process
	@$(python) -m bench.pipeline

lint: $(TESTS) ## check style and types
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy

compile = uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" --output-file
lock: $(STAMP) ## pin the newest packages that requirements*.in allow, each file of them by its hash
	@$(compile) requirements.txt requirements.in
	@for name in $(basename $(wildcard requirements-*.in)); do \
		$(compile) $$name.txt --constraints requirements.txt $$name.in || exit; done
	@for file in stages/*/requirements-*.in; do \
		$(compile) $${file%.in}.txt --constraints requirements.txt \
			$$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.txt) $$file && \
		sed -i '/^# The following packages were excluded/,$$d' $${file%.in}.txt || exit; done
	@$(python) -m stages.packages
	@$(MAKE) --no-print-directory licences

licences: $(TESTS) ## write docs/licences.md: what each package says its licence is
	@{ set -e; printf '# Licences\n\nWhat the packages say of themselves, found by pip-licenses: `make lock` writes it.\n'; \
		for file in requirements*.txt; do \
			printf '\n## %s\n\n' "$$file"; \
			$(python) -m piplicenses --with-system --format markdown --packages $$(sed -n 's/==.*//p' "$$file"); \
		done; } >docs/licences.md

# Nothing comes in that is not pinned (--no-deps), no other file than was there when it was pinned (--require-hashes),
# and what must be built is built by the pinned setuptools (--no-build-isolation).
install = $(python) -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes \
	--no-build-isolation --requirement
# Bytecode is compiled on all cores at once, and all of it: DVC starts many short Python processes, each of which would
# otherwise compile what it imports.
bytecode = $(python) -m compileall -qq -j 0 .venv/lib || true

# The last step is for the `dvc` that a person types; DVC can write no path there that is not ASCII.
$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, but $(PYTHON) is not. Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Making .venv from requirements.txt: once, a minute or two."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@sed -n '/^setuptools==/,/[^\]$$/p' requirements.txt | $(install) /dev/stdin
	@$(install) requirements.txt
	@$(bytecode)
	@mkdir -m 700 "$$DVC_SITE_CACHE_DIR"
	@$(python) -m dvc config --quiet --local core.site_cache_dir "$$DVC_SITE_CACHE_DIR" 2>/dev/null || true
	@touch $@

$(TESTS): $(STAMP)
	@echo "Adding requirements-test.txt to .venv: once, half a minute."
	@rm -f .venv/tests-of-*
	@$(install) requirements-test.txt
	@$(bytecode)
	@touch $@
