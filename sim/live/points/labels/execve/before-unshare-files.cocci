// fs/exec.c: the other threads are gone; files are unshared next
@ execve_before_unshare_files @
expression E;
@@
begin_new_exec(...)
{
<...
+seccomp_sim_point("execve/before-unshare-files");
 E = unshare_files();
...>
}
