"""What the model sees of a row, and which rows it learns from."""
