// __seccomp_filter_orphan: waitqueue_active is asked before live is lowered
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
+	int waited_on = waitqueue_active(&orig->wqh);
+	if (!refcount_dec_and_test(&orig->users))
+		break;
+	if (waited_on)
+		wake_up_poll(&orig->wqh, EPOLLHUP);
+	orig = orig->prev;
+}
}
