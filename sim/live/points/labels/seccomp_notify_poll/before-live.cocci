// kernel/seccomp.c: before the count of users decides on HUP
@ seccomp_notify_poll_before_live @
expression E;
statement S;
@@
seccomp_notify_poll(...)
{
<...
+seccomp_sim_point("seccomp_notify_poll/before-live");
 if (refcount_read(&E->live) == 0) S
...>
}

@ seccomp_notify_poll_before_live_1 @
expression E;
statement S;
@@
seccomp_notify_poll(...)
{
<...
+seccomp_sim_point("seccomp_notify_poll/before-live");
 if (refcount_read(&E->users) == 0) S
...>
}
