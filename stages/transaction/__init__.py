"""What a command changes is there whole or not at all, whatever kills it: git, DVC and the checkout."""
