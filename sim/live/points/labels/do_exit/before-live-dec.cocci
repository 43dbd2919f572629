// kernel/exit.c: before the group's count of threads falls
@ do_exit_before_live_dec @
expression E;
@@
do_exit(...)
{
<...
-atomic_dec_and_test(E)
+seccomp_sim_point_before("do_exit/before-live-dec", atomic_dec_and_test(E))
...>
}
