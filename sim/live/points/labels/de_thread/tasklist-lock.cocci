// fs/exec.c: before tasklist_lock is taken to wait for the leader
@ de_thread_tasklist_lock @
@@
de_thread(...)
{
<...
+seccomp_sim_point("de_thread/tasklist-lock");
 write_lock_irq(&tasklist_lock);
...>
}
