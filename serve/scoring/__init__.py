"""From a body to an answer: decoded, checked, scored, with warnings; or an error that says why not."""
