// kernel/seccomp.c: woken; before notify_lock is taken again
@ un_relock @
expression E, L;
@@
seccomp_do_user_notification(...)
{
<...
E = <+... wait_for_completion_interruptible(...) ...+>;
+seccomp_sim_point("seccomp_do_user_notification/relock");
mutex_lock(L);
...>
}

@ un_relock_either @
expression L;
statement S1, S2;
@@
seccomp_do_user_notification(...)
{
<...
if (wait_killable) S1 else S2
+seccomp_sim_point("seccomp_do_user_notification/relock");
mutex_lock(L);
...>
}
