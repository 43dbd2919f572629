-- The shared protocol for rumur: N sibling threads under one filter, each exiting and being released, while
-- their thread group's leader installs a filter with TSYNC, on patch-v2. One rule fired is one atomic step of
-- the model, named after the label that the model passes with it. The siblings are a scalarset, so TSYNC comes
-- to those that it has not visited yet in any order.
--
-- Filter 0 is the old one, whose listener's file is open; filter 1 is the one that is installed.
const
  N: 3;
  SYNC_EXITING: false; -- true: TSYNC syncs threads that are exiting, as the patch was posted

type
  Sibling: scalarset(N);
  Filter: 0..1;
  Count: 0..N + 3;
  SiblingPc: 0..17;
  LeaderPc: 0..20;
  RcuPc: 0..3;

var
  usage: array [Filter] of Count;
  live: array [Filter] of Count;
  hold_usage: array [Filter] of Count; -- who holds each count: usage-exact and live-exact
  hold_live: array [Filter] of Count;
  siglock: boolean;
  tasklist_lock: boolean;
  cred_guard: boolean;
  pc: array [Sibling] of SiblingPc;
  filter_of: array [Sibling] of Filter;
  exiting: array [Sibling] of boolean;
  holds_live: array [Sibling] of boolean;
  holds_usage: array [Sibling] of boolean;
  unhashed: array [Sibling] of boolean;
  visited: array [Sibling] of boolean;
  leader_pc: LeaderPc;
  thread: Sibling; -- that TSYNC is at
  rcu_pc: RcuPc;
  rcu_task: Sibling;
  rcu_queue: array [0..N - 1] of Sibling;
  rcu_length: 0..N;

procedure exact(f: Filter);
begin
  assert usage[f] = hold_usage[f] "usage-exact";
  assert live[f] = hold_live[f] "live-exact";
end;

procedure usage_dec(f: Filter);
begin
  assert usage[f] > 1 "usage stays above 0";
  usage[f] := usage[f] - 1;
  hold_usage[f] := hold_usage[f] - 1;
  exact(f);
end;

procedure live_dec(f: Filter);
begin
  assert live[f] > 1 "live stays above 0";
  live[f] := live[f] - 1;
  hold_live[f] := hold_live[f] - 1;
  exact(f);
end;


-- A walk takes over the count that the task's pointer stood for; if that was gone, it counts as one too many.
procedure take_live(s: Sibling; f: Filter);
begin
  if holds_live[s] then
    holds_live[s] := false;
  else
    hold_live[f] := hold_live[f] + 1;
  end;
  exact(f);
end;

function is_next(s: Sibling): boolean;
begin
  return !unhashed[s] & !visited[s] & (isundefined(thread) | s != thread);
end;

function leader_moves_on(): boolean;
begin
  return leader_pc = 7 | leader_pc = 16 | (leader_pc = 8 & !SYNC_EXITING & exiting[thread]);
end;

startstate
begin
  usage[0] := N + 2; hold_usage[0] := N + 2;
  live[0] := N + 1; hold_live[0] := N + 1;
  usage[1] := 0; hold_usage[1] := 0; live[1] := 0; hold_live[1] := 0;
  siglock := false; tasklist_lock := false; cred_guard := false;
  for s: Sibling do
    pc[s] := 0; filter_of[s] := 0; exiting[s] := false; holds_live[s] := true; holds_usage[s] := true;
    unhashed[s] := false; visited[s] := false;
  end;
  leader_pc := 0; rcu_pc := 0; rcu_length := 0;
  undefine thread; undefine rcu_task; undefine rcu_queue;
end;

ruleset s: Sibling do
  rule "private steps of a sibling"
    pc[s] <= 3 | (pc[s] >= 5 & pc[s] <= 7) | pc[s] = 9 | pc[s] = 15 ==>
  begin
    pc[s] := pc[s] + 1;
  end;
  rule "do_exit/exit-signals-siglock" pc[s] = 4 & !siglock ==>
  begin
    exiting[s] := true;
    pc[s] := 5;
  end;
  rule "exit_notify/tasklist-lock" pc[s] = 8 & !tasklist_lock ==>
  begin
    tasklist_lock := true;
    pc[s] := 9;
  end;
  rule "exit_notify/before-unlock" pc[s] = 10 ==>
  begin
    tasklist_lock := false;
    pc[s] := 11;
  end;
  rule "seccomp_release_live/before-read" pc[s] = 11 ==>
  begin
    take_live(s, filter_of[s]);
    pc[s] := 12;
  end;
  rule "seccomp_filter_orphan/before-dec" pc[s] = 12 ==>
  begin
    live_dec(filter_of[s]);
    pc[s] := 13;
  end;
  rule "release_task/tasklist-lock" pc[s] = 13 & !tasklist_lock ==>
  begin
    tasklist_lock := true;
    pc[s] := 14;
  end;
  rule "release_task/siglock" pc[s] = 14 & !siglock ==>
  begin
    unhashed[s] := true;
    pc[s] := 15;
  end;
  rule "release_task/before-unlock" pc[s] = 16 ==>
  begin
    tasklist_lock := false;
    rcu_queue[rcu_length] := s;
    rcu_length := rcu_length + 1;
    pc[s] := 17;
  end;
end;

rule "private steps of the leader" leader_pc <= 2 ==>
begin
  leader_pc := leader_pc + 1;
end;
rule "entry/call" leader_pc = 3 ==>
begin
  usage[1] := 1; hold_usage[1] := 1; live[1] := 1; hold_live[1] := 1;
  leader_pc := 4;
end;
rule "seccomp_set_mode_filter/cred-guard-mutex" leader_pc = 4 & !cred_guard ==>
begin
  cred_guard := true;
  leader_pc := 5;
end;
rule "seccomp_set_mode_filter/siglock" leader_pc = 5 & !siglock ==>
begin
  siglock := true;
  leader_pc := 6;
end;
rule "seccomp_attach_filter/before-attach" leader_pc = 6 ==>
begin
  exact(0); exact(1);
  leader_pc := 7;
end;
ruleset s: Sibling do
  rule "seccomp_sync_threads comes to a thread" leader_moves_on() & is_next(s) ==>
  begin
    if !isundefined(thread) then visited[thread] := true; end;
    thread := s;
    leader_pc := 8;
  end;
end;
rule "seccomp_sync_threads has come to all" leader_moves_on() & forall s: Sibling do !is_next(s) end ==>
begin
  for s: Sibling do visited[s] := false; end;
  undefine thread;
  leader_pc := 17;
end;
rule "seccomp_sync_threads/before-exiting-test" leader_pc = 8 & (SYNC_EXITING | !exiting[thread]) ==>
begin
  leader_pc := 9;
end;
rule "get_seccomp_filter/before-usage-inc" leader_pc = 9 ==>
begin
  usage[1] := usage[1] + 1; hold_usage[1] := hold_usage[1] + 1;
  exact(1);
  leader_pc := 10;
end;
rule "get_seccomp_filter/before-live-inc" leader_pc = 10 ==>
begin
  live[1] := live[1] + 1; hold_live[1] := hold_live[1] + 1;
  exact(1);
  leader_pc := 11;
end;
rule "seccomp_sync_threads/before-release" leader_pc = 11 ==>
begin
  holds_usage[thread] := false;
  exact(0);
  leader_pc := 12;
end;
rule "put_seccomp_filter/before-dec" leader_pc = 12 ==>
begin
  usage_dec(0);
  leader_pc := 13;
end;
rule "seccomp_sync_threads/before-release-live" leader_pc = 13 ==>
begin
  take_live(thread, 0);
  leader_pc := 14;
end;
rule "seccomp_filter_orphan/before-dec by TSYNC" leader_pc = 14 ==>
begin
  live_dec(0);
  leader_pc := 15;
end;
rule "seccomp_sync_threads/before-assign" leader_pc = 15 ==>
begin
  filter_of[thread] := 1; holds_usage[thread] := true; holds_live[thread] := true;
  exact(1);
  leader_pc := 16;
end;
rule "seccomp_set_mode_filter/before-mode" leader_pc = 17 ==>
begin
  leader_pc := 18;
end;
rule "seccomp_set_mode_filter/before-siglock-unlock" leader_pc = 18 ==>
begin
  siglock := false;
  leader_pc := 19;
end;
rule "seccomp_set_mode_filter/before-cred-guard-unlock" leader_pc = 19 ==>
begin
  cred_guard := false;
  leader_pc := 20;
end;

rule "the RCU worker starts" rcu_pc = 0 & rcu_length > 0 ==>
begin
  rcu_pc := 1;
end;
rule "rcu_do_batch/before-callback" rcu_pc = 1 ==>
begin
  rcu_task := rcu_queue[0];
  for i: 0..N - 2 do
    if i + 1 < rcu_length then rcu_queue[i] := rcu_queue[i + 1]; end;
  end;
  rcu_length := rcu_length - 1;
  undefine rcu_queue[rcu_length];
  holds_usage[rcu_task] := false;
  exact(filter_of[rcu_task]);
  rcu_pc := 2;
end;
rule "put_seccomp_filter/before-dec by RCU" rcu_pc = 2 ==>
begin
  usage_dec(filter_of[rcu_task]);
  filter_of[rcu_task] := 0;
  exiting[rcu_task] := false;
  rcu_pc := 3;
end;
rule "free_task/before-free" rcu_pc = 3 ==>
begin
  undefine rcu_task;
  rcu_pc := 0;
end;
