"""`python -m serve.predict`: a file is scored, read as clean reads a source, block by block."""
