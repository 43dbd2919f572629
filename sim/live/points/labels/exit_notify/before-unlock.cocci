// kernel/exit.c: before tasklist_lock is dropped
@ exit_notify_before_unlock @
@@
exit_notify(...)
{
<...
+seccomp_sim_point("exit_notify/before-unlock");
 write_unlock_irq(&tasklist_lock);
...>
}
