# KondoFlow: `make run` and `make test` need python3 >= 3.11, pip and make, and set up everything else.

PYTHON  ?= python3
CORES   ?= all
ARGS    ?=
EXAMPLE ?= tablets
# Processes that share the tests: as many as there are cores, at most 8. WORKERS=0: one after another.
WORKERS ?= logical

TOOLS   := .tools
VENV    := .venv
UV      := $(TOOLS)/bin/uv
# What runs in the environment is started by the relative path of its interpreter: the path of this
# folder may hold blanks, quotes and colons.
INSIDE  := sh envs/inside.sh
IN_VENV := $(INSIDE) $(VENV)/bin/python -m
PROGRESS := PYTHONPATH="workflow/progress$${PYTHONPATH:+:$$PYTHONPATH}"
RULES   := Snakefile workflow/rules/*.smk

.PHONY: help run test check setup slurm browser example onnx archive lock clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup  ## run the pipeline on all cores (CORES=4, ARGS="--configfile workflow/presets/tiny.yaml")
	@$(PROGRESS) $(IN_VENV) snakemake --logger kondoflow \
	  --workflow-profile workflow/profiles/workstation --cores $(CORES) $(ARGS)

archive: setup  ## pack all results with a datasheet into their archive.zip, for a DOI
	@$(PROGRESS) $(IN_VENV) snakemake --logger kondoflow \
	  --workflow-profile workflow/profiles/workstation --cores $(CORES) $(ARGS) -- write_archive

test: check  ## lint, then run every test (ARGS="-m 'not slow'" for the quick ones)
	@$(IN_VENV) pytest -n $(WORKERS) --maxprocesses 8 --dist loadscope --no-loadscope-reorder $(ARGS)

check: setup  ## lint, check formatting and types
	@$(IN_VENV) ruff check .
	@$(IN_VENV) ruff format --check .
	@$(IN_VENV) snakefmt --check $(RULES)
	@$(IN_VENV) mypy
	@$(IN_VENV) snakemake --lint

setup: $(VENV)/.stamp  ## install the locked environment into .venv

$(VENV)/.stamp: envs/requirements.lock envs/uv.txt
	@$(INSIDE) sh envs/set_up.sh "$(PYTHON)"

slurm: setup  ## add the plugin that submits jobs to SLURM to the environment
	@$(INSIDE) $(UV) pip install -q --require-hashes --python $(VENV)/bin/python -r envs/slurm.lock

browser: setup  ## add the package that drives Chromium in tests to the environment
	@$(INSIDE) $(UV) pip install -q --require-hashes --python $(VENV)/bin/python -r envs/browser.lock

example: setup  ## run a worked example to its report (EXAMPLE=tablets, reflectances, superconductors, kondo)
	@test ! -f envs/example_$(EXAMPLE).lock || $(INSIDE) $(UV) pip install -q --no-deps --require-hashes \
	  --python $(VENV)/bin/python -r envs/example_$(EXAMPLE).lock
	@PYTHONPATH=scripts $(IN_VENV) examples.$(EXAMPLE)
	@$(PROGRESS) $(IN_VENV) snakemake --logger kondoflow --configfile examples/$(EXAMPLE).yaml \
	  --workflow-profile workflow/profiles/workstation --cores $(CORES) $(ARGS)

onnx: setup  ## add the package that writes models as ONNX to the environment
	@$(INSIDE) $(UV) pip install -q --require-hashes --python $(VENV)/bin/python -r envs/onnx.lock

lock: setup  ## pin the newest versions in envs/*.lock
	@$(INSIDE) $(UV) pip compile -q --upgrade --universal --generate-hashes --no-annotate --python-version 3.11 \
	  --custom-compile-command 'make lock' -o envs/requirements.lock envs/requirements.in
	@$(INSIDE) $(UV) pip compile -q --upgrade --universal --generate-hashes --no-annotate --python-version 3.11 \
	  --custom-compile-command 'make lock' -c envs/requirements.lock -o envs/slurm.lock envs/slurm.in
	@$(INSIDE) $(UV) pip compile -q --upgrade --universal --generate-hashes --no-annotate --python-version 3.11 \
	  --custom-compile-command 'make lock' -c envs/requirements.lock -o envs/browser.lock envs/browser.in
	@$(INSIDE) $(UV) pip compile -q --upgrade --universal --generate-hashes --no-annotate --python-version 3.11 \
	  --custom-compile-command 'make lock' -c envs/requirements.lock -o envs/onnx.lock envs/onnx.in

clean:  ## remove the environment (results stay)
	rm -rf $(TOOLS) $(VENV)
