"""How good the model is on rows it never saw: measures with their intervals, curves, slices, gates."""
