"""Notes, outcome, script and callback during and after a call, and the list of records."""
