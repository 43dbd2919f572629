// kernel/fork.c: before tasklist_lock is taken
@ copy_process_tasklist_lock @
@@
copy_process(...)
{
<...
+seccomp_sim_point("copy_process/tasklist-lock");
 write_lock_irq(&tasklist_lock);
...>
}
