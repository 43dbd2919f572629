// kernel/seccomp.c: on the wait queue; before a request is taken
@ recv_wait_count @
expression E, E2;
statement S;
@@
recv_wait_event(...)
{
<...
E2 = prepare_to_wait_event(...);
+seccomp_sim_point("recv_wait_event/before-count");
if (atomic_dec_if_positive(E) >= 0) S
...>
}
