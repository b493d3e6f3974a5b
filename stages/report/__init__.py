"""The report that a stakeholder signs: what the files say (findings), drawn page by page (pages)."""
