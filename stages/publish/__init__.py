"""The signed report is stamped with its decision."""
