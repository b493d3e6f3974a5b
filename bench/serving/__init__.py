"""The prediction service measured against what the field usually serves a model with: `python -m bench.serving`."""
