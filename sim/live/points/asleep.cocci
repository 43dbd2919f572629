// kernel/sched/core.c: no label of the model; whoever waits for the tasks to settle wants to know.
@ about_to_sleep @
@@
schedule(...)
{
<...
+seccomp_sim_point_sleep();
sched_submit_work(...);
...>
}
