"""The web page at /ui: asks for one row or a file of them, and explains the answer to someone who is no programmer."""
