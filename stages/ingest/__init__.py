"""Source files become tables of text in one form, whatever system wrote them."""
