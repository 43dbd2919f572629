// fs/exec.c: the leader's id is taken over; before tasklist_lock is dropped
@ de_thread_before_unlock @
@@
de_thread(...)
{
<...
+seccomp_sim_point("de_thread/before-unlock");
 write_unlock_irq(&tasklist_lock);
 cgroup_threadgroup_change_end(...);
 release_task(...);
...>
}
