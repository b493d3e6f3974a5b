"""Which estimator, for how many rounds: each is fitted on some rows and judged by others."""
