// kernel/seccomp.c: off the list; before notify_lock is dropped
@ seccomp_do_user_notification_last_unlock @
expression E, L;
@@
seccomp_do_user_notification(...)
{
<...
if (E->notif) list_del(L);
+seccomp_sim_point("seccomp_do_user_notification/last-unlock");
...>
}
