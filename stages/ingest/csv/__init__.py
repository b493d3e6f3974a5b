"""One CSV file: packing, encoding, dialect, header, rows that are none, records."""
