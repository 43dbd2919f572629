// kernel/exit.c: before tasklist_lock is taken to unhash the task
@ release_task_tasklist_lock @
@@
release_task(...)
{
<...
+seccomp_sim_point("release_task/tasklist-lock");
 write_lock_irq(&tasklist_lock);
...>
}
