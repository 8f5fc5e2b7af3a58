"""macOS: the bundle's definition, the configuration profile, signing and notarising."""
