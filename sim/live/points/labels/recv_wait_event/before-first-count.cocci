// kernel/seccomp.c: before a request is taken without waiting
@ recv_wait_first_count @
expression E;
statement S;
@@
recv_wait_event(...)
{
...
+seccomp_sim_point("recv_wait_event/before-first-count");
if (atomic_dec_if_positive(E) >= 0) S
...
for (;;) { ... }
...
}
