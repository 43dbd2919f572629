// kernel/fork.c: before the child has a pid
@ copy_process_before_alloc_pid @
expression E;
@@
copy_process(...)
{
<...
+seccomp_sim_point("copy_process/before-alloc-pid");
 E = alloc_pid(...);
...>
}
