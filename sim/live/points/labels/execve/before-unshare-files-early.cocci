// fs/exec.c: up to 5.8 files are unshared before the other threads are killed
@ execve_before_unshare_files_early @
expression E, D;
@@
__do_execve_file(...)
{
<...
+seccomp_sim_point("execve/before-unshare-files-early");
 E = unshare_files(D);
...>
}

@ execve_before_unshare_files_early_1 @
expression E, D;
@@
bprm_execve(...)
{
<...
+seccomp_sim_point("execve/before-unshare-files-early");
 E = unshare_files(D);
...>
}
