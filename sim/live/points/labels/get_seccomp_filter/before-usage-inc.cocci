// kernel/seccomp.c: before the caller's filter is counted once more
@ get_seccomp_filter_before_usage_inc @
expression E;
@@
get_seccomp_filter(...)
{
<...
+seccomp_sim_point("get_seccomp_filter/before-usage-inc");
 __get_seccomp_filter(E);
...>
}
