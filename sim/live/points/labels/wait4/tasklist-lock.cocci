// kernel/exit.c: before tasklist_lock is taken for reading
@ wait4_tasklist_lock @
@@
do_wait(...)
{
<...
+seccomp_sim_point("wait4/tasklist-lock");
 read_lock(&tasklist_lock);
...>
}

@ wait4_tasklist_lock_1 @
@@
__do_wait(...)
{
<...
+seccomp_sim_point("wait4/tasklist-lock");
 read_lock(&tasklist_lock);
...>
}
