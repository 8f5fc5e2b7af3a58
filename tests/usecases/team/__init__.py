"""Supervision, the team view, help and escalation, and the audit log's part in them."""
