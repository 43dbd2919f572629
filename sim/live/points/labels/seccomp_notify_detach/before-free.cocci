// kernel/seccomp.c: before the notification object goes
@ seccomp_notify_detach_before_free @
@@
seccomp_notify_detach(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/before-free");
 seccomp_notify_free(...);
...>
}

@ seccomp_notify_detach_before_free_1 @
expression E;
@@
seccomp_notify_detach(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/before-free");
 kfree(E->notif);
...>
}

@ seccomp_notify_detach_before_free_2 @
expression E;
@@
seccomp_notify_release(...)
{
<...
+seccomp_sim_point("seccomp_notify_detach/before-free");
 kfree(E->notif);
...>
}
