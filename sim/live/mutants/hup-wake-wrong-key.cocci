// __seccomp_filter_orphan: the queue is woken with EPOLLIN for a key
@ mutant @
expression E;
@@
__seccomp_filter_orphan(...)
{
<...
-wake_up_poll(E, EPOLLHUP);
+wake_up_poll(E, EPOLLIN);
...>
}
