// kernel/exit.c: unhashed; was it the last thread beside a dead leader?
@ release_task_before_zap_leader @
identifier zap_leader;
@@
release_task(...)
{
<...
+seccomp_sim_point("release_task/before-zap-leader");
 zap_leader = 0;
...>
}
