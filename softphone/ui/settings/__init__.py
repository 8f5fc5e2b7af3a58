"""The settings' pages, the first sign-in, and being set up from afar."""
