"""Measures and curves of a binary target."""
