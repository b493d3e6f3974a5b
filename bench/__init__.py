"""Measurements that a person runs; no stage and no service imports them."""
