// kernel/seccomp.c: notify_lock is dropped; before the task sleeps
@ un_before_wait_interruptible @
expression E;
@@
seccomp_do_user_notification(...)
{
<...
-wait_for_completion_interruptible(E)
+seccomp_sim_point_before("seccomp_do_user_notification/before-wait", wait_for_completion_interruptible(E))
...>
}

@ un_before_wait_killable @
expression E;
@@
seccomp_do_user_notification(...)
{
<...
-wait_for_completion_killable(E)
+seccomp_sim_point_before("seccomp_do_user_notification/before-wait", wait_for_completion_killable(E))
...>
}
