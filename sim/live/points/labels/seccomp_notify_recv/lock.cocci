// kernel/seccomp.c: a request was counted; before notify_lock is taken to find it
@ recv_lock @
expression L;
statement S;
@@
seccomp_notify_recv(...)
{
<...
if (ret < 0) S
+seccomp_sim_point("seccomp_notify_recv/lock");
mutex_lock(L);
...>
}
