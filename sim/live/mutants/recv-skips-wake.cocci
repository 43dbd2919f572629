// seccomp_notify_recv: who polls for EPOLLOUT is not woken
@ mutant @
expression E;
@@
seccomp_notify_recv(...)
{
<...
-wake_up_poll(E, EPOLLOUT | EPOLLWRNORM);
...>
}
