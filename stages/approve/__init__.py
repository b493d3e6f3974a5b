"""A person makes the candidate the champion."""
