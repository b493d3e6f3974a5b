"""What changed between two reports, side by side."""
