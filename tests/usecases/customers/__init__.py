"""Customers: recognised, searched, made, corrected, and the CRMs that hold them."""
