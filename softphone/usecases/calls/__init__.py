"""Calls: taking and making them, the agent's state, voice mail, how the line does."""
