// __seccomp_filter_orphan: the queue is woken before live is lowered, not after
@ mutant @
identifier orig;
@@
__seccomp_filter_orphan(struct seccomp_filter *orig)
{
-while (orig && refcount_dec_and_test(&orig->users)) {
-	if (waitqueue_active(&orig->wqh))
-		wake_up_poll(&orig->wqh, EPOLLHUP);
-	orig = orig->prev;
-}
+while (orig) {
+	if (refcount_read(&orig->users) == 1 && waitqueue_active(&orig->wqh))
+		wake_up_poll(&orig->wqh, EPOLLHUP);
+	if (!refcount_dec_and_test(&orig->users))
+		break;
+	orig = orig->prev;
+}
}
