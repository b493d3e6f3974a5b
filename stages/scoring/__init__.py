"""How good a model is: scores with their intervals, curves, slices, gates, for each task."""
