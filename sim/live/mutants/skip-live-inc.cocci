// get_seccomp_filter: live is not raised
@ mutant @
expression E;
@@
get_seccomp_filter(...)
{
<...
-refcount_inc(&E->users);
...>
}
