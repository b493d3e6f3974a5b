"""What watches the requests go by: the log, metrics, the alert, drift."""
