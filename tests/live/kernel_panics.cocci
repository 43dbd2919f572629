// A kernel that panics when a filter is attached.
@ broken @
@@
seccomp_attach_filter(...)
{
+panic("seccomp_attach_filter was asked to");
...
}
