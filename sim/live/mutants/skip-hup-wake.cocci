// __seccomp_filter_orphan: nobody is woken
@ mutant @
statement S;
@@
__seccomp_filter_orphan(...)
{
<...
-if (waitqueue_active(...)) S
...>
}
