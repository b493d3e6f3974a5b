"""The clean table: its schema, and its CSV form."""
