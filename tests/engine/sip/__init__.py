"""The user agent's rules, without a network."""
