// kernel/exit.c: before tasklist_lock is dropped
@ release_task_before_unlock @
@@
release_task(...)
{
<...
+seccomp_sim_point("release_task/before-unlock");
 write_unlock_irq(&tasklist_lock);
...>
}
