"""What the window says, tested without a window."""
