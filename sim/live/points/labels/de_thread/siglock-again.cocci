// fs/exec.c: woken; before siglock is taken to see how many threads are left
@ de_thread_siglock_again @
statement S;
@@
de_thread(...)
{
<...
schedule();
if (...) S
+seccomp_sim_point("de_thread/siglock-again");
spin_lock_irq(...);
...>
}
