"""Connections to servers: found, opened over each transport, judged, watched, replaced."""
