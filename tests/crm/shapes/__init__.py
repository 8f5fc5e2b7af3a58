"""Servers in the shape of each CRM that a pack is shipped for: they take what that CRM's documentation
describes and nothing else.

An unknown path, parameter, header, field or value is refused the way that CRM refuses, and kept as a
problem that fails the test. What is neither documented nor seen in the product's source is not imitated.
"""
