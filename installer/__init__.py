"""Build and installation: the one command that prepares a machine, the lock files and the packages.

Everything here runs on the standard library alone, before any dependency exists.
"""
