"""Files as they come, told and read: packing, encoding, dialect, header, records."""
