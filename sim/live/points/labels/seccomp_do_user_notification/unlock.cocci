// kernel/seccomp.c: the listener was told; before notify_lock is dropped to wait
@ un_unlock_first @
expression E, L, K;
@@
seccomp_do_user_notification(...)
{
<...
wake_up_poll(E, K);
+seccomp_sim_point("seccomp_do_user_notification/unlock");
mutex_unlock(L);
...>
}

@ un_unlock_loop @
expression E, L;
@@
seccomp_do_user_notification(...)
{
<...
wait_killable = E;
+seccomp_sim_point("seccomp_do_user_notification/unlock");
mutex_unlock(L);
...>
}

@ un_unlock_declared @
expression E, L;
@@
seccomp_do_user_notification(...)
{
<...
bool wait_killable = E;
+seccomp_sim_point("seccomp_do_user_notification/unlock");
mutex_unlock(L);
...>
}
