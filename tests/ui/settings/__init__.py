"""The settings' pages and the first sign-in."""
