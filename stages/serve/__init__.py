"""The real service answers hold-out rows as evaluate did, and says why."""
