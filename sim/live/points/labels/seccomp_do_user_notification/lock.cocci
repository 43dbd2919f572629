// kernel/seccomp.c: before notify_lock is taken to queue the notification
@ seccomp_do_user_notification_lock @
expression E;
@@
seccomp_do_user_notification(...)
{
<...
+seccomp_sim_point("seccomp_do_user_notification/lock");
 mutex_lock(...);
 E = -ENOSYS;
...>
}
