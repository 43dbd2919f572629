// kernel/seccomp.c: no notification waits
@ recv_unlock_empty @
identifier knotif, ret, out;
@@
seccomp_notify_recv(...)
{
<...
if (!knotif) {
ret = -ENOENT;
+seccomp_sim_point("seccomp_notify_recv/unlock-empty");
goto out;
}
...>
}
