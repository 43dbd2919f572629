// kernel/exit.c: the children have new parents; the task becomes a zombie next
@ exit_notify_before_zombie @
expression E;
@@
exit_notify(...)
{
<...
+seccomp_sim_point("exit_notify/before-zombie");
 E->exit_state = EXIT_ZOMBIE;
...>
}
