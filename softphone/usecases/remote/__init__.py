"""The desk for programs: requests of the control socket, answers and events as JSON-able values."""
