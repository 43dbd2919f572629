// recv_wake_function: HUP wakes no RECV
@ mutant @
@@
recv_wake_function(...)
{
<...
-EPOLLIN | EPOLLERR | EPOLLHUP
+EPOLLIN | EPOLLERR
...>
}
