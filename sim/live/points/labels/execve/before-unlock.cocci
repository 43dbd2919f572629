// fs/exec.c: before cred_guard_mutex is dropped
@ execve_before_unlock @
expression E;
@@
install_exec_creds(...)
{
<...
+seccomp_sim_point("execve/before-unlock");
 mutex_unlock(&E->signal->cred_guard_mutex);
...>
}

@ execve_before_unlock_1 @
expression E;
@@
setup_new_exec(...)
{
<...
+seccomp_sim_point("execve/before-unlock");
 mutex_unlock(&E->signal->cred_guard_mutex);
...>
}
