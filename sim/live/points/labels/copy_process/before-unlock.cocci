// kernel/fork.c: before siglock and tasklist_lock are dropped
@ copy_process_before_unlock @
@@
copy_process(...)
{
<...
+seccomp_sim_point("copy_process/before-unlock");
 spin_unlock(&current->sighand->siglock);
...>
}
