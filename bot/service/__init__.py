"""The use cases: the only code that joins forge, store and gate.

`intake` takes deliveries, `worker` claims what is due, `evaluate` decides one change and `publish` puts the decision on
its commit, `commands` answers what people say in comments, `sweep` finds what no webhook told, `rulebook` holds the
rules in force.
"""
