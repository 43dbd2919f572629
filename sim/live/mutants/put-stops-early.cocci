// __put_seccomp_filter: the walk stops at the first filter
@ mutant @
identifier orig;
@@
__put_seccomp_filter(struct seccomp_filter *orig)
{
<...
-orig = orig->prev;
+orig = NULL;
...>
}
