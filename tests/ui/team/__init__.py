"""The lead's window, and what an agent sees of a lead."""
