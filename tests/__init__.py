"""Tests of the softphone: one folder per package, plus peers, contracts, e2e and bench."""
