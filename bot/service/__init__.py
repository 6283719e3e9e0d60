"""The use cases: the only code that joins forge, store and gate.

`intake` takes deliveries, `worker` claims what is due, `evaluate` decides one change and `publish` puts the decision on
its commit, `commands` answers what people say in comments, `sweep` finds what no webhook told, `rulebook` holds the
rules in force: from files, or from a `policy_repository`, where `provenance` tells what came through the gate.
`proposal` judges the rules that a change would make, `moved` tells which changes other rules can touch.
"""
