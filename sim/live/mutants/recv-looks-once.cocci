// recv_wait_event: the count is not looked at again once the task is on the queue
@ mutant @
expression E;
@@
recv_wait_event(...)
{
<...
-if (atomic_dec_if_positive(E) >= 0) break;
...>
}
