"""The way of a request: connections, heads, bodies, keys, and what answers it."""
