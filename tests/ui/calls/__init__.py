"""What shows calls, in the window."""
