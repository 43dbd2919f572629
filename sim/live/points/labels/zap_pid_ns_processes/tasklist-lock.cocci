// kernel/pid_namespace.c: before the processes of the namespace are killed
@ zap_pid_ns_processes_tasklist_lock @
@@
zap_pid_ns_processes(...)
{
<...
+seccomp_sim_point("zap_pid_ns_processes/tasklist-lock");
 read_lock(&tasklist_lock);
...>
}
