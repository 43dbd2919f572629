// kernel/seccomp.c: before notify_lock is dropped; placed with before-wake
// placed by before-wake.cocci: one rule, so that both stand around the same wake
