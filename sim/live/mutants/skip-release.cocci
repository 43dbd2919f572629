// seccomp_filter_release: a dying task lets go of nothing
@ mutant @
@@
seccomp_filter_release(...)
{
<...
-__seccomp_filter_release(...);
...>
}
