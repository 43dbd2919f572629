// kernel/seccomp.c: nobody uses the filter; does anybody wait on it?
@ orphan_before_waitqueue_active @
expression E;
@@
-waitqueue_active(E)
+seccomp_sim_point_before("seccomp_filter_orphan/before-waitqueue-active", waitqueue_active(E))
