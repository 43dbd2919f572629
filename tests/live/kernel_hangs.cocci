// A kernel that never comes back from attaching a filter.
@ broken @
@@
seccomp_attach_filter(...)
{
+for (;;) cpu_relax();
...
}
