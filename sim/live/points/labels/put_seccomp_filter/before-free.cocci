// kernel/seccomp.c: the last reference is gone
@ put_seccomp_filter_before_free @
@@
__put_seccomp_filter(...)
{
<...
+seccomp_sim_point("put_seccomp_filter/before-free");
 seccomp_filter_free(...);
...>
}
