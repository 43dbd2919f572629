// seccomp_notify_poll: HUP is not reported
@ mutant @
expression E;
@@
seccomp_notify_poll(...)
{
<...
-E |= EPOLLHUP;
+;
...>
}
