"""Measures and curves of a number."""
