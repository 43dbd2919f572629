// kernel/seccomp.c: before the look at the pointer that takes no lock
@ seccomp_filter_release_before_read @
expression E;
statement S;
@@
seccomp_filter_release(...)
{
<...
+seccomp_sim_point("seccomp_filter_release/before-read");
 if (<+... READ_ONCE(E->seccomp.filter) ...+>) S
...>
}
