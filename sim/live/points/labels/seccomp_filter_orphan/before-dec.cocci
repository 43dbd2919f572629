// kernel/seccomp.c: before the count of users falls
@ seccomp_filter_orphan_before_dec_live @
expression E;
@@
-refcount_dec_and_test(&E->live)
+seccomp_sim_point_before("seccomp_filter_orphan/before-dec", refcount_dec_and_test(&E->live))

@ seccomp_filter_orphan_before_dec_users @
expression E;
@@
-refcount_dec_and_test(&E->users)
+seccomp_sim_point_before("seccomp_filter_orphan/before-dec", refcount_dec_and_test(&E->users))
