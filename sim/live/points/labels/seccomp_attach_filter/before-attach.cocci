// kernel/seccomp.c: everything that can fail is behind
@ seccomp_attach_filter_before_attach @
expression E;
@@
seccomp_attach_filter(...)
{
<...
+seccomp_sim_point("seccomp_attach_filter/before-attach");
 E->prev = current->seccomp.filter;
...>
}
