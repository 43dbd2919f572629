// kernel/exit.c: before tasklist_lock is taken
@ exit_notify_tasklist_lock @
@@
exit_notify(...)
{
<...
+seccomp_sim_point("exit_notify/tasklist-lock");
 write_lock_irq(&tasklist_lock);
...>
}
