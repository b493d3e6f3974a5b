"""Why the model said what it said of a row, for the page and the report alike."""
