"""Numbers and words as a person reads them, one way for report, page and service."""
