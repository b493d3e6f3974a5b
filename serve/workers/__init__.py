"""The processes of a server: how they start, end, agree, and take up another model."""
