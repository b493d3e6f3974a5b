"""What a column is, and its cells from text to value: types, formats, spellings, units."""
