# What the project can do, one target each. A fresh clone needs Python 3.11+; the Kafka tests also Java 17 and Maven.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BROKERS ?= 1
KAFKA ?= 4.1.0
# Not of the environment, where it may be the port of something else.
PORT := 19092
FAULTS := tests/kafka/faults/test_faults.py
# In the order of tests/conftest.py.
BY_FILE := --dist loadfile --no-loadscope-reorder
TARGET ?= decode
SECONDS ?= 600
CORPUS ?= .fuzz/$(TARGET)

# Where it is set (images for containers do), every one of the thousands of processes that the tests start would
# compile the worker anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo desk test long quick on-kafka types accessibility pictures kit lint ruff imports mypy format faults faults-in-short score \
  kafka kafka-jars kafka-stop clean fuzz monitoring release-check \
  peers peers-in-short performance performance-in-short

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "dateline takes Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version 2>&1); set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv --help >/dev/null 2>&1 || \
	  { echo "$(PYTHON) has no venv module (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
# Pip comes first. Versions before 23.3, as Debian 12 has, warn of an extra that they look for under another name;
# 26.3 repeats a remark of setuptools about folders of the package's name.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(VENV)/.installed  ## the whole job on an embedded broker: seeds in, tags out
	@$(BIN)/dateline demo

desk: $(VENV)/.installed  ## the desk's pages with the demo's articles, rules to try among them: open the address it prints
	@$(BIN)/dateline desk --demo --allow-changes

test: $(VENV)/.installed  ## the tests, those on Apache Kafka too (starts and stops it); KAFKA=3.9.1, TESTS=tests/kafka
	@$(BIN)/python -m tests.false_clock
ifdef TESTS
	@test -n "$$DATELINE_TEST_BROKERS" || deploy/kafka/kafka fetch --version $(KAFKA)
	DATELINE_TEST_KAFKA=$(KAFKA) $(BIN)/pytest -n 3 --dist loadfile -m 'not long' $(TESTS)
else
# All of them wait for much of their time, so they run beside each other. The fault run waits for recoveries, and
# the others on Kafka stand back for it; those that need no Kafka stand back for both.
	@$(MAKE) --no-print-directory --jobs 3 --output-sync BEHIND='nice -n 4' LAST='nice -n 8' \
	  faults-in-short on-kafka quick
endif

on-kafka: $(VENV)/.installed kafka-jars  ## the tests on Apache Kafka but for the fault run, a part of `make test`
	DATELINE_TEST_KAFKA=$(KAFKA) $(BEHIND) $(BIN)/pytest -n 6 $(BY_FILE) -m 'not long' --ignore $(FAULTS) tests/kafka

faults-in-short: $(VENV)/.installed kafka-jars  ## every kind of fault once, a part of `make test`
	DATELINE_TEST_KAFKA=$(KAFKA) $(BIN)/pytest $(FAULTS)

long: $(VENV)/.installed  ## what the tests show for some cases, for all the others
	@test -n "$$DATELINE_TEST_BROKERS" || deploy/kafka/kafka fetch --version $(KAFKA)
	DATELINE_TEST_KAFKA=$(KAFKA) $(BIN)/pytest -n 2 --dist loadfile -m long $(TESTS)

quick: $(VENV)/.installed  ## of the tests those that need no Apache Kafka
	$(LAST) $(BIN)/pytest -n 3 $(BY_FILE) -m 'not long' --ignore tests/kafka --ignore tests/monitoring

# Apart from `make test`: it needs Node, and 60 MB from the npm registry.
types: $(VENV)/.installed  ## types for TypeScript, generated from the schemas and checked (fetches the generator)
	npm ci --silent --no-audit --no-fund --ignore-scripts --prefix tests/contract/typescript
	$(BIN)/pytest tests/contract/test_generated_types.py

# Apart from `make test`: it needs Node, and axe-core (3 MB) from the npm registry.
accessibility: $(VENV)/.installed  ## axe-core over every page of the desk in Chromium, light and dark (fetches axe-core)
	npm ci --silent --no-audit --no-fund --ignore-scripts --prefix tests/browser/axe
	$(BIN)/pytest tests/browser/test_accessibility.py

pictures: $(VENV)/.installed  ## the pictures of docs/desk.md, taken anew in Chromium of the demo's articles
	DATELINE_PICTURES=docs/pictures $(BIN)/pytest tests/browser/test_pictures.py

# Apart from `make test`: it builds Helm once, which takes minutes, and fetches schemas from three registries.
kit: $(VENV)/.installed  ## the Helm chart, rendered and checked without a cluster (Go, Java 17, Maven; kept in .kit/)
	$(BIN)/python deploy/helm/kit check

# Apart from `make test`: it needs Debian's package `prometheus`, and promtool takes its time.
monitoring: $(VENV)/.installed  ## the alert rules and the dashboard, on promtool and a Prometheus that scrapes a worker
	@$(BIN)/python -m tests.monitoring.tools
	$(BIN)/pytest -n 2 --dist loadfile tests/monitoring

release-check:  ## build sdist and wheel into dist/; install the wheel alone in a fresh place and run the demo from it
	rm -f dist/dateline-*
	$(PYTHON) deploy/release/check

lint: ruff imports mypy  ## ruff, types and the import contracts

ruff: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

imports: $(VENV)/.installed
	$(BIN)/lint-imports

mypy: $(VENV)/.installed
	$(BIN)/mypy

fuzz: $(VENV)/.installed  ## hostile input for SECONDS: TARGET=decode, rules, enrich or query; finds go to .fuzz/
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	$(BIN)/python -m bench.fuzz.seeds $(CORPUS) $(TARGET)
	$(BIN)/python -m bench.fuzz.target $(TARGET) $(CORPUS) -max_total_time=$(SECONDS) -max_len=16384 -timeout=60 \
	  -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=.fuzz/find-$(TARGET)-

format: $(VENV)/.installed  ## put the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

faults: $(VENV)/.installed  ## the long proof of delivery: hundreds of faults on Apache Kafka, about 35 minutes
	deploy/kafka/kafka fetch
	deploy/kafka/kafka fetch --version 3.9.1
	@$(BIN)/python -m tests.false_clock
	$(BIN)/python -m bench.faults.plan --report docs/faults
	$(BIN)/python -m bench.faults.report docs/faults docs/reliability.md

score: $(VENV)/.installed  ## how good the tags are, on the project's own gold articles
	$(BIN)/dateline score

# Quix Streams excludes some of the versions that the tests use, so measurements have an environment of their own.
.venv-bench/.installed: pyproject.toml constraints.txt bench/constraints.txt
	$(PYTHON) -m venv .venv-bench
	@grep -Ev '^(confluent-kafka|pydantic|pydantic_core)==' constraints.txt | cat - bench/constraints.txt \
	  > .venv-bench/constraints.txt
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-bench/constraints.txt --upgrade pip
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -c .venv-bench/constraints.txt -e '.[bench]'
	@touch $@

# All of docs/performance.md, in less than 40 minutes on two quiet cores; `make peers` alone takes more rounds.
performance: .venv-bench/.installed  ## peers, latency and how cost grows, into docs/performance.md, with plots
	@deploy/kafka/kafka fetch
	.venv-bench/bin/python -m bench.peers --articles 200 --rounds 3 --write
	.venv-bench/bin/python -m bench.latency --processes 2 --load 0.4 --alerts both --count 200 --rounds 2 --write
	.venv-bench/bin/python -m bench.growth --write

performance-in-short: peers-in-short  ## that each of these measurements runs, in two or three minutes
	.venv-bench/bin/python -m bench.latency --count 12 --words 50 --load 0.4 --rounds 1
	.venv-bench/bin/python -m bench.growth --short

peers: .venv-bench/.installed  ## Dateline beside Faust, Quix Streams and a plain loop, into docs/performance.md
	@deploy/kafka/kafka fetch
	.venv-bench/bin/python -m bench.peers --write

peers-in-short: .venv-bench/.installed  ## that each peer's code runs and writes the same records, in half a minute
	@deploy/kafka/kafka fetch
	.venv-bench/bin/python -m bench.peers --short

# Nothing else goes to standard output, so `eval "$(make -s kafka)"` sets the variable.
kafka:  ## Apache Kafka on this machine, from its own jars (BROKERS=1 or 3, PORT=its first, KAFKA=its version)
	@brokers=$$(deploy/kafka/kafka start --brokers $(BROKERS) --version $(KAFKA) --port $(PORT)) && \
	  echo "export DATELINE_BROKERS=$$brokers"

kafka-jars:  ## fetch the jars alone
	@deploy/kafka/kafka fetch --version $(KAFKA)

kafka-stop:  ## stop it
	@deploy/kafka/kafka stop

clean:  ## remove what make made
	rm -rf $(VENV) .venv-bench tests/contract/typescript/node_modules .kafka .kit build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis .fuzz
