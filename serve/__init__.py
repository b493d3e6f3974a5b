"""What runs when a request arrives, and nothing of training: it loads what `save` wrote, never a pickle."""
