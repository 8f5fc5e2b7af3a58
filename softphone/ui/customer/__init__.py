"""The customer's card and what can be done in it."""
