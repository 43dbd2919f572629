// kernel/exit.c: before siglock is taken inside tasklist_lock
@ release_task_siglock @
@@
__exit_signal(...)
{
<...
+seccomp_sim_point("release_task/siglock");
 spin_lock(...);
...>
}
