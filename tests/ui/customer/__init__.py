"""The customer's card and looking customers up, in the window."""
