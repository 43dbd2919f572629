# The commands of this repository; CMakePresets.json says how each build is configured.
#   make run    install what is needed, build, replay every scenario on every kernel
#   make test   install what is needed, build, run the tests
#   make kernels   build a user-mode kernel for each preset whose source can be had (KERNEL_SOURCES=FOLDER)
#   make kernels-points   the same with points, and the kernels with wrong changes that make confirm runs
#   make confirm   run every found schedule on the kernels with points: sim/live/points/README.md
#   make conform   hold every scenario against the running kernel and those built; the table is scenarios/CONFORMANCE.md
# Further: debug asan clang bench bench-record plots lint format install (PREFIX=, DESTDIR=) clean
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build/release
.PHONY: run test debug asan clang bench bench-explore bench-record plots lint format format-check kernels kernels-points confirm conform install fuzz fuzz-table coverage clean packages build/%

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
BENCH_FLAGS ?=
EXPLORE_FLAGS ?=
KERNEL_SOURCES ?= $(wildcard ../shared/kernels)
KERNEL_SECONDS ?= 14400
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
PACKAGES := $(shell sed 's/\#.*//' packages.txt)
SOURCE_DIRS := $(wildcard include kernel-model sim tests bench)

run: build/release
	build/release/seccomp-sim run scenarios --revision all

test: build/release
	ctest --preset release -j $(JOBS)

# No network and no apt when dpkg says that all is there.
packages:
	@missing=$$(for p in $(PACKAGES); do \
	    dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q update; \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $$missing; \
	fi

build/%: packages
	@cmake --preset $*
	@cmake --build --preset $* -j $(JOBS)

debug: build/debug

asan: build/asan
	ctest --preset asan -j $(JOBS)

# The same output bytes from what g++ and what clang++ made; CI compares with the asan build, which is clang++'s.
CLANG_BUILD ?= clang-release
clang: build/release build/$(CLANG_BUILD)
	@for format in text jsonl; do \
	    for build in release $(CLANG_BUILD); do \
	        build/$$build/seccomp-sim run scenarios --revision all --format $$format >build/$$build/all.$$format; done; \
	    cmp build/release/all.$$format build/$(CLANG_BUILD)/all.$$format; \
	    echo "identical: $$(wc -l <build/release/all.$$format) lines of $$format"; done

# Readers of files from strangers, FUZZ_SECONDS each, with the sanitizers.
FUZZ_SECONDS ?= 60
fuzz: build/fuzz
	bash tests/fuzz/run.sh build/fuzz/tests/fuzz $(FUZZ_SECONDS)

# How many random runs each known defect and each mutant takes.
fuzz-table: build/release
	build/release/seccomp-sim fuzz --find-table

# Lines and branches of kernel-model, and the branches that nothing reaches.
coverage: build/coverage
	bash tests/coverage/run.sh build/coverage

# Runs every benchmark and writes build/bench/report.md with its plots; see bench/README.md.
bench: build/release
	BENCH_FLAGS="$(BENCH_FLAGS)" bench/run.sh build/release build/bench

# The guard's counts anew, by the release build of g++ 12.
bench-record: build/release
	{ read -r compiler && read -r flags; } <build/release/bench/compiler.txt; \
	    bench/guard/instructions.sh record $(CURDIR)/build/release/bench/tools/counted_work "$$compiler" "$$flags"

# The explorer beside SPIN and rumur: bench/peers/README.md. EXPLORE_FLAGS="--sizes 2,3,4 --time 60" and the like.
bench-explore: build/release
	@python3 bench/peers/run.py $(EXPLORE_FLAGS)

# LINT_SECONDS=N stops clang-tidy after so long.
lint: format-check
	@cmake --preset clang-release >/dev/null
	@JOBS=$(JOBS) .ci/lint

format-check: packages
	find $(SOURCE_DIRS) -name '*.[ch]pp' -print0 | xargs -0 clang-format --dry-run -Werror

format: packages
	find $(SOURCE_DIRS) -name '*.[ch]pp' -print0 | xargs -0 clang-format -i

kernels: build/release
	@bash sim/live/lab/make_kernels.sh build/release/seccomp-sim "$(KERNEL_SOURCES)" $(KERNEL_SECONDS)

kernels-points: build/release
	@bash sim/live/points/make_kernels.sh build/release/seccomp-sim "$(KERNEL_SOURCES)" $(KERNEL_SECONDS)

confirm: build/release
	@bash sim/live/points/confirm_all.sh build/release/seccomp-sim build/confirm

# The running kernel, and each that was built for a preset: others that were built may be wrong on purpose.
# Exit code 4, a kernel that nothing could be compared with, is told and no failure.
conform: build/release
	@kernels="--kernel running"; names=$$(build/release/seccomp-sim kernel list --names); \
	for name in v5.0 patch-v2 v5.9 v6.2 v6.11 v6.15; do \
	    if grep -qx $$name <<<"$$names"; then kernels+=" --kernel $$name"; fi; done; \
	status=0; build/release/seccomp-sim conform scenarios $$kernels --timeout 120 --table scenarios/CONFORMANCE.md || status=$$?; \
	    [ $$status = 0 ] || [ $$status = 4 ]

# The fds in a container monitor's event loop, before the patch and after it: build/plots/container-monitor.svg.
STORY := scenarios/patch-story/container-monitor
plots: build/release
	@mkdir -p build/plots
	build/release/seccomp-sim run $(STORY).json -r v5.0 -r patch-v2 --metrics build/plots/container-monitor.csv
	gnuplot -e "csv='build/plots/container-monitor.csv'; svg='build/plots/container-monitor.svg'" $(STORY).gnuplot

install: build/release
	cmake --install build/release --prefix $(PREFIX)

clean:
	rm -rf build
