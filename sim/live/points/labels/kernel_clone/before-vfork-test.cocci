// kernel/fork.c: before the parent of a vfork looks for its child
@ kernel_clone_before_vfork_test @
statement S;
@@
_do_fork(...)
{
<...
+seccomp_sim_point("kernel_clone/before-vfork-test");
 if (!wait_for_vfork_done(...)) S
...>
}

@ kernel_clone_before_vfork_test_1 @
statement S;
@@
kernel_clone(...)
{
<...
+seccomp_sim_point("kernel_clone/before-vfork-test");
 if (!wait_for_vfork_done(...)) S
...>
}
