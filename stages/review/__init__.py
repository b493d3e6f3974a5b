"""What a branch changes: data, params, code, and how much better or worse the model is on the same rows."""
