// seccomp_do_user_notification: the request count is not raised
@ mutant @
expression E;
@@
seccomp_do_user_notification(...)
{
<...
-atomic_inc(&E->requests);
...>
}
