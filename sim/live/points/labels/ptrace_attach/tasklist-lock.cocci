// kernel/ptrace.c: before tasklist_lock is taken
@ ptrace_attach_tasklist_lock @
@@
ptrace_attach(...)
{
<...
+seccomp_sim_point("ptrace_attach/tasklist-lock");
 write_lock_irq(&tasklist_lock);
...>
}
