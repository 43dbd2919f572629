// seccomp_do_user_notification: who polls for EPOLLIN is not woken
@ mutant @
statement S1, S2;
@@
seccomp_do_user_notification(...)
{
<...
-if (<+... SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP ...+>) S1 else S2
...>
}
