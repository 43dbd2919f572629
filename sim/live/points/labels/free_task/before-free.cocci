// kernel/fork.c: the task's memory goes next
@ free_task_before_free @
@@
free_task(...)
{
<...
+seccomp_sim_point("free_task/before-free");
 free_task_struct(...);
...>
}
