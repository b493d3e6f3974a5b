"""Why the model said what it said of a row: for POST /explain, the page and the report alike."""
