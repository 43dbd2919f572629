// recv_wait_event: live is not looked at once the task is on the queue
@ mutant @
expression E;
@@
recv_wait_event(...)
{
<...
-if (refcount_read(E) == 0) break;
...>
}
