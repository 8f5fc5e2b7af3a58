"""Calls: taking and making them, what is kept of them, voice mail."""
