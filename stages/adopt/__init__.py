"""From a CSV file and the name of its target to params.yaml: looked at in one pass, decided by rule, said in words."""
