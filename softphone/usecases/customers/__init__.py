"""Customers: recognising, searching, making and correcting them, and the CRMs that hold them."""
