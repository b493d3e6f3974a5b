"""From text rows to clean ones: the plan, rules, joins, the target, the schema's description."""
