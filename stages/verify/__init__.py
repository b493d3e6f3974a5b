"""Proofs that the committed `dvc.lock` is what the committed code makes of the committed data."""
