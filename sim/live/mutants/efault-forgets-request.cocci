// seccomp_notify_recv: the request is not raised again after EFAULT
@ mutant @
expression E;
@@
seccomp_notify_recv(...)
{
<...
-atomic_inc(&E->requests);
...>
}
