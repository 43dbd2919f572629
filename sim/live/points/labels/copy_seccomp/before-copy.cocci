// kernel/fork.c: before the child's fields are filled
@ copy_seccomp_before_copy @
identifier p;
@@
copy_seccomp(...)
{
<...
+seccomp_sim_point("copy_seccomp/before-copy");
 p->seccomp = current->seccomp;
...>
}
