"""Questions that a case of the table of safety asks of what a rule has found, one predicate each."""
