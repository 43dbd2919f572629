/* The shared protocol for SPIN: N sibling threads under one filter, each exiting and being released, while
 * their thread group's leader installs a filter with TSYNC, on patch-v2. One transition is one atomic step of
 * the model: each statement or d_step below is one, and is named after the label that the model passes with it.
 *
 * -DN=6 siblings; -DSYNC_EXITING: TSYNC syncs threads that are exiting, as the patch was posted. Without it,
 * TSYNC skips them (tsync_exiting=skip), and every invariant holds.
 *
 * Filter 0 is the old one, whose listener's file is open; filter 1 is the one that is installed. */
#ifndef N
#define N 3
#endif
#define NOBODY 255
#define LEADER N

/* The counters, and beside them who holds each count: usage-exact and live-exact. The listener's file and the
 * leader hold one each besides the siblings; what stands for filter 1 counts from when it is prepared. */
byte usage[2] = N + 2;
byte live[2] = N + 1;
byte hold_usage[2] = N + 2;
byte hold_live[2] = N + 1;

byte siglock = NOBODY;
byte tasklist_lock = NOBODY;
byte cred_guard = NOBODY;

byte leader_filter;
byte filter_of[N];
bit exiting[N];
bit holds_live[N] = 1;
bit holds_usage[N] = 1;
bit unhashed[N];

/* Dead tasks whose free_task waits, first come first served. */
byte rcu_queue[N];
byte rcu_length;

#define EXACT(f) assert(usage[f] == hold_usage[f] && live[f] == hold_live[f])
#define LIVE_DEC(f) assert(live[f] > 0); live[f]--
#define USAGE_DEC(f) assert(usage[f] > 0); usage[f]--

active proctype leader()
{
	byte t;
	true; /* the call starts */
	true; /* secure_computing/before-mode */
	true; /* secure_computing/before-filters */
	d_step { usage[1] = 1; live[1] = 1; hold_usage[1] = 1; hold_live[1] = 1 }; /* entry/call */
	d_step { cred_guard == NOBODY -> cred_guard = LEADER }; /* seccomp_set_mode_filter/cred-guard-mutex */
	d_step { siglock == NOBODY -> siglock = LEADER }; /* seccomp_set_mode_filter/siglock */
	d_step { leader_filter = 1; EXACT(0); EXACT(1) }; /* seccomp_attach_filter/before-attach */
	d_step { /* seccomp_sync_threads/before-group-exit-test */
		do
		:: t < N && unhashed[t] -> t++
		:: else -> break
		od
	};
	do
#ifndef SYNC_EXITING
	:: d_step { /* seccomp_sync_threads/before-exiting-test */
		t < N && exiting[t] ->
		t++;
		do
		:: t < N && unhashed[t] -> t++
		:: else -> break
		od
	   }
	:: d_step { t < N && !exiting[t] -> skip };
#else
	:: d_step { t < N -> skip };
#endif
		d_step { usage[1]++; hold_usage[1]++; EXACT(1) }; /* get_seccomp_filter/before-usage-inc */
		d_step { live[1]++; hold_live[1]++; EXACT(1) }; /* get_seccomp_filter/before-live-inc */
		d_step { holds_usage[t] = 0; EXACT(0) }; /* seccomp_sync_threads/before-release */
		d_step { USAGE_DEC(0); hold_usage[0]--; EXACT(0) }; /* put_seccomp_filter/before-dec */
		d_step { /* seccomp_sync_threads/before-release-live */
			if
			:: holds_live[t] -> holds_live[t] = 0
			:: else -> hold_live[0]++
			fi;
			EXACT(0)
		};
		d_step { LIVE_DEC(0); hold_live[0]--; EXACT(0); assert(live[0] > 0) }; /* seccomp_filter_orphan/before-dec */
		d_step { /* seccomp_sync_threads/before-assign */
			filter_of[t] = 1;
			holds_usage[t] = 1;
			holds_live[t] = 1;
			EXACT(1)
		};
		d_step { /* seccomp_sync_threads/before-mode */
			t++;
			do
			:: t < N && unhashed[t] -> t++
			:: else -> break
			od
		}
	:: d_step { t == N -> t = 0 }; /* seccomp_set_mode_filter/before-mode */
		break
	od;
	siglock = NOBODY; /* seccomp_set_mode_filter/before-siglock-unlock */
	cred_guard = NOBODY; /* seccomp_set_mode_filter/before-cred-guard-unlock */
end_done:
	false
}

/* The worker that runs RCU callbacks: free_task of each dead thread. */
active proctype rcu()
{
	byte t;
	byte i;
end_idle:
	do
	:: rcu_length > 0; /* the worker starts */
		d_step { /* rcu_do_batch/before-callback: free_task takes the count that the pointer stood for */
			t = rcu_queue[0];
			rcu_length--;
			i = 0;
			do
			:: i < rcu_length -> rcu_queue[i] = rcu_queue[i + 1]; i++
			:: else -> break
			od;
			rcu_queue[rcu_length] = 0;
			i = 0;
			holds_usage[t] = 0;
			EXACT(filter_of[t])
		};
		d_step { /* put_seccomp_filter/before-dec; usage of neither filter reaches 0 */
			USAGE_DEC(filter_of[t]);
			hold_usage[filter_of[t]]--;
			EXACT(filter_of[t]);
			assert(usage[filter_of[t]] > 0);
			filter_of[t] = 0;
			exiting[t] = 0
		};
		t = 0 /* free_task/before-free */
	od
}

active [N] proctype sibling()
{
	byte me = _pid - 2;
	byte orig;
	true; /* the call starts */
	true; /* secure_computing/before-mode */
	true; /* secure_computing/before-filters */
	true; /* entry/call */
	d_step { siglock == NOBODY -> exiting[me] = 1 }; /* do_exit/exit-signals-siglock */
	true; /* do_exit/before-live-dec */
	true; /* exit_files/before-detach */
	true; /* exit_files/before-put */
	d_step { tasklist_lock == NOBODY -> tasklist_lock = me }; /* exit_notify/tasklist-lock */
	true; /* exit_notify/before-zombie */
	tasklist_lock = NOBODY; /* exit_notify/before-unlock */
	d_step { /* seccomp_release_live/before-read */
		orig = filter_of[me];
		if
		:: holds_live[me] -> holds_live[me] = 0
		:: else -> hold_live[orig]++
		fi;
		EXACT(orig)
	};
	d_step { /* seccomp_filter_orphan/before-dec; the walk ends here: live of neither filter reaches 0 */
		LIVE_DEC(orig);
		hold_live[orig]--;
		EXACT(orig);
		assert(live[orig] > 0)
	};
	d_step { tasklist_lock == NOBODY -> tasklist_lock = me; orig = 0 }; /* release_task/tasklist-lock */
	d_step { siglock == NOBODY -> unhashed[me] = 1 }; /* release_task/siglock */
	true; /* release_task/before-zap-leader */
	d_step { /* release_task/before-unlock */
		tasklist_lock = NOBODY;
		rcu_queue[rcu_length] = me;
		rcu_length++
	};
end_dead:
	false
}
