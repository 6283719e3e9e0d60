"""The stories on GitLab, told over the simulated one. Which file plays which scenario, and by which mechanism.

Both mechanisms, `status` and `approver`, unless one is named in brackets; where a scenario has nothing to do with the
mechanism (what the endpoint answers), it says `any`. How hard the gate is said to be while it is played stands in
test_trust (status: tamper-evident, or advisory with the reason; approver: tamper-evident with a Developer's token, and
enforced with a Maintainer's, see test_setup).

21  test_heads, test_approvals, test_trust, test_takeback [approver]
22  test_heads, test_approvals
23  test_heads
24  test_heads
25  test_heads
26  test_words
27  test_heads, test_hooks
28  test_words
29  test_words
30  test_policy
31  test_approvals, test_takeback [approver]
32  test_approvals
33  test_status [status], test_trust, test_lost_hooks [status]
38  test_hooks, test_machines [status], test_lost_hooks [status]
39  test_machines
40  test_faults, test_machines [status], test_takeback [approver], test_lost_hooks [status]
41  test_faults, test_machines [status], test_takeback [approver]
42  test_limits, test_words
43  test_away
44  test_away, test_trust [status]
45  test_away, test_trust, test_watch [status]
46  test_trust
47  test_projects, test_watch
48  test_away
52  test_words, test_approvals [status]
59  test_words
60  test_heads
61  test_hooks, test_machines [status]
65  test_projects
"""
