// copy_seccomp: the child's pointer is copied without a count
@ mutant @
@@
copy_seccomp(...)
{
<...
-get_seccomp_filter(...);
...>
}
