"""The pipeline: one module a stage, and beside them the modules that stages share."""
