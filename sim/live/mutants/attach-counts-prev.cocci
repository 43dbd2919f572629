// seccomp_attach_filter: usage of the old filter is raised
@ mutant @
identifier filter;
@@
seccomp_attach_filter(..., struct seccomp_filter *filter)
{
<...
 filter->prev = current->seccomp.filter;
+if (filter->prev)
+	refcount_inc(&filter->prev->refs);
...>
}
