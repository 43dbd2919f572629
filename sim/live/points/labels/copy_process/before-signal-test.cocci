// kernel/fork.c: before the caller's pending signals are looked at
@ copy_process_before_signal_test @
statement S;
@@
copy_process(...)
{
<...
+seccomp_sim_point("copy_process/before-signal-test");
 spin_lock_irq(...);
 if (...) S
 recalc_sigpending();
...>
}
