// fs/exec.c: before siglock is taken to kill the other threads
@ de_thread_siglock @
@@
de_thread(...)
{
<...
+seccomp_sim_point("de_thread/siglock");
spin_lock_irq(...);
if (...) { ... return ...; }
...>
}
