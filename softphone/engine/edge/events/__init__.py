"""Requests of the edge's own: subscriptions, publications, messages (RFC 6665, 3903, 3428)."""
