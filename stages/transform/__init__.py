"""From a clean row to features: one definition, for training and for the service."""
