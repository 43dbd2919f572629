// seccomp_notify_poll: poll_wait comes after the look at live
@ mutant @
expression A, B, C;
identifier filter;
statement S;
@@
seccomp_notify_poll(...)
{
...
-poll_wait(A, B, C);
...
 if (refcount_read(&filter->users) == 0) S
+poll_wait(A, B, C);
...
}
