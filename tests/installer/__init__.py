"""Tests of the one command for a fresh machine."""
