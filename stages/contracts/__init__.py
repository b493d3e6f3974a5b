"""What crosses a file between stages, and to the service: one module for each file, for its writer and its readers."""
