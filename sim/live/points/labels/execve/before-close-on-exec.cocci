// fs/exec.c: before the close-on-exec files go
@ execve_before_close_on_exec @
@@
setup_new_exec(...)
{
<...
+seccomp_sim_point("execve/before-close-on-exec");
 do_close_on_exec(...);
...>
}

@ execve_before_close_on_exec_1 @
@@
flush_old_exec(...)
{
<...
+seccomp_sim_point("execve/before-close-on-exec");
 do_close_on_exec(...);
...>
}

@ execve_before_close_on_exec_2 @
@@
begin_new_exec(...)
{
<...
+seccomp_sim_point("execve/before-close-on-exec");
 do_close_on_exec(...);
...>
}
