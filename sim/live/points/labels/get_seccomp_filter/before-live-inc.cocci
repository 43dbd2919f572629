// kernel/seccomp.c: referenced, but not yet counted as used
@ get_seccomp_filter_before_live_inc @
expression E;
@@
get_seccomp_filter(...)
{
<...
+seccomp_sim_point("get_seccomp_filter/before-live-inc");
 refcount_inc(&E->live);
...>
}

@ get_seccomp_filter_before_live_inc_1 @
expression E;
@@
get_seccomp_filter(...)
{
<...
+seccomp_sim_point("get_seccomp_filter/before-live-inc");
 refcount_inc(&E->users);
...>
}
