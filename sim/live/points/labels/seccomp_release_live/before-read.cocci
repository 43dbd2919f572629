// kernel/exit.c: the patch as posted: whoever reaps lets go of live before it takes tasklist_lock
@ release_live_before_read @
expression E;
@@
release_task(...)
{
...
+seccomp_sim_point("seccomp_release_live/before-read");
seccomp_filter_release(E);
...
write_lock_irq(&tasklist_lock);
...
}
