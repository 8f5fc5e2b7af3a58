"""Tests of softphone.cli."""
