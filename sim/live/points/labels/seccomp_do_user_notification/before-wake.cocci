// kernel/seccomp.c: counted; before the listener is told
@ seccomp_do_user_notification_before_wake @
@@
seccomp_do_user_notification(...)
{
<...
up(...);
+seccomp_sim_point("seccomp_do_user_notification/before-wake");
...>
}

@ seccomp_do_user_notification_before_wake_1 @
@@
seccomp_do_user_notification(...)
{
<...
atomic_inc(...);
+seccomp_sim_point("seccomp_do_user_notification/before-wake");
...>
}
