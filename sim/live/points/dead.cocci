// kernel/exit.c: no label of the model; the task is off the CPU for good after this.
@ off_the_cpu @
@@
do_exit(...)
{
<...
+seccomp_sim_point_dead();
do_task_dead();
...>
}
