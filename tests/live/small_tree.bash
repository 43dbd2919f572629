# Sourced by tests: makes what looks like a kernel tree and builds in a second, so that building itself is tested.
# make_tree FOLDER: its Makefile has the targets that a build asks for; kernel/seccomp.c is all of the kernel.

make_tree() {
    mkdir -p "$1/arch/um" "$1/kernel" "$1/scripts/kconfig"
    cat >"$1/kernel/seccomp.c" <<'END'
struct seccomp_filter {
    int refs;
    int users;
};
struct seccomp_filter init_filter = {1, 1};
int main(void) {
    return init_filter.refs;
}
END
    cat >"$1/scripts/kconfig/merge_config.sh" <<'END'
#!/bin/sh
cat "$3" >>"$2"
END
    chmod +x "$1/scripts/kconfig/merge_config.sh"
    cat >"$1/Makefile" <<'END'
tinyconfig:
	: >.config
olddefconfig:
	@test ! -e hang || sleep 1000
linux: kernel/seccomp.c
	@test ! -e slow || sleep 2
	@echo "  CC      kernel/seccomp.o"
	@$(CC) -g -c kernel/seccomp.c -o kernel/seccomp.o
	@$(CC) kernel/seccomp.o -o linux
	@nm linux >System.map
	@echo built >>$(COUNTER)
kernelrelease:
	@echo 9.9.9
END
}
