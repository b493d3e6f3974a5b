"""What the contenders run, each in an environment of its own."""
