"""Showing a CRM who we are: credentials, sessions, OAuth 2, signing in and out."""
