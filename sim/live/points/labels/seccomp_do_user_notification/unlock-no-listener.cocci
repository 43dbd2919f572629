// kernel/seccomp.c: there is no listener
@ seccomp_do_user_notification_unlock_no_listener @
identifier out;
expression E;
@@
seccomp_do_user_notification(...)
{
<...
if (!E->notif)
+{
+seccomp_sim_point("seccomp_do_user_notification/unlock-no-listener");
 goto out;
+}
...>
}
