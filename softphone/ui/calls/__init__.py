"""What shows calls: ringing, talking, further ones, and the place where they stand."""
