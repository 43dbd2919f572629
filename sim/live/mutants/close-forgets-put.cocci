// seccomp_notify_release: usage is not put
@ mutant @
@@
seccomp_notify_release(...)
{
<...
-__put_seccomp_filter(...);
...>
}
