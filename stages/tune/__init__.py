"""Search for better settings of train: trials drawn by Optuna, judged on validation rows, kept as DVC experiments."""
