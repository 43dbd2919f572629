// kernel/seccomp.c: before the HUP is told
@ orphan_before_wake @
expression E;
@@
-wake_up_poll(E, EPOLLHUP)
+seccomp_sim_point_before("seccomp_filter_orphan/before-wake", wake_up_poll(E, EPOLLHUP))
