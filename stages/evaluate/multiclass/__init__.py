"""Measures and curves of several classes."""
