// kernel/fork.c: before siglock is taken inside tasklist_lock
@ copy_process_siglock @
@@
copy_process(...)
{
<...
+seccomp_sim_point("copy_process/siglock");
 spin_lock(...);
...>
}
