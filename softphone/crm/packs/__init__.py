"""CRM packs: their schema, read from TOML and compiled into plans."""
