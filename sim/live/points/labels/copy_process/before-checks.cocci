// kernel/fork.c: before the last tests that can fail
@ copy_process_before_checks @
statement S;
@@
copy_process(...)
{
<...
+seccomp_sim_point("copy_process/before-checks");
 if (<+... PIDNS_ADDING ...+>) S
...>
}
