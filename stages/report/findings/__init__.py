"""What the report says: every number, title and verdict, found by rule from the files the pipeline wrote."""
