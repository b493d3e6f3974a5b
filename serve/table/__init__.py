"""A file that `python -m serve.predict` scores: read as clean reads a source, block by block, and written."""
