"""Text rows become typed ones: the plan, rules, joins, the target, and what was set aside with its reason."""
