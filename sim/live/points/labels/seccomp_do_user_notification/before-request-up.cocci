// kernel/seccomp.c: queued, but not counted
@ seccomp_do_user_notification_before_request_up @
@@
seccomp_do_user_notification(...)
{
<...
+seccomp_sim_point("seccomp_do_user_notification/before-request-up");
 up(...);
...>
}

@ seccomp_do_user_notification_before_request_up_1 @
@@
seccomp_do_user_notification(...)
{
<...
+seccomp_sim_point("seccomp_do_user_notification/before-request-up");
 atomic_inc(...);
...>
}
