"""What every stage is built on: errors, files, params, and how a stage runs and ends."""
