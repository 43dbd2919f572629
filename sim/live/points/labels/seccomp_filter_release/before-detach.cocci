// kernel/seccomp.c and kernel/exit.c: before the task's pointer is read and cleared: since 6.11 under siglock, before that by whoever reaps, once the task is unhashed
@ release_before_detach @
expression E;
identifier orig;
@@
seccomp_filter_release(...)
{
...
spin_lock_irq(...);
+seccomp_sim_point("seccomp_filter_release/before-detach");
orig = E;
...
}

@ reap_before_detach @
expression E;
@@
release_task(...)
{
<...
write_unlock_irq(&tasklist_lock);
+seccomp_sim_point("seccomp_filter_release/before-detach");
seccomp_filter_release(E);
...>
}
