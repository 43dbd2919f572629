// A deliberate mistake, for a test: fork takes a reference on the child's filter and does not count the child
// among its users.
@@
identifier filter;
@@
 get_seccomp_filter(...)
 {
   ...
-  refcount_inc(&filter->users);
 }
