"""What can be wrong with a finished PDF, each thing found from the file alone: one module for each kind of check."""
