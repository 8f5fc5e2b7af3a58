"""Supervision, the team view, help, and their audit log."""
