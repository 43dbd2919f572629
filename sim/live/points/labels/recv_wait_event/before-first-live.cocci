// kernel/seccomp.c: before the first look at whether anybody uses the filter
@ recv_wait_first_live @
expression E;
statement S;
@@
recv_wait_event(...)
{
...
+seccomp_sim_point("recv_wait_event/before-first-live");
if (refcount_read(E) == 0) S
...
for (;;) { ... }
...
}
