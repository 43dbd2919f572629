// kernel/seccomp.c: on the wait queue; does anybody still use the filter?
@ recv_wait_live @
expression E;
statement S;
@@
recv_wait_event(...)
{
<...
for (;;) {
<...
+seccomp_sim_point("recv_wait_event/before-live");
if (refcount_read(E) == 0) S
...>
}
...>
}
