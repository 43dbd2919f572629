// kernel/seccomp.c: before the count of references falls
@ put_seccomp_filter_before_dec_usage @
expression E;
@@
-refcount_dec_and_test(&E->usage)
+seccomp_sim_point_before("put_seccomp_filter/before-dec", refcount_dec_and_test(&E->usage))

@ put_seccomp_filter_before_dec_refs @
expression E;
@@
-refcount_dec_and_test(&E->refs)
+seccomp_sim_point_before("put_seccomp_filter/before-dec", refcount_dec_and_test(&E->refs))
