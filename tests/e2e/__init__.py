"""The whole product against real peers, as a person meets it."""
