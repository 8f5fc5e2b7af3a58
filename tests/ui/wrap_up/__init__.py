"""Notes, outcomes, forms, script and the list of records, in the window."""
