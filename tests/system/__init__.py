"""Tests of softphone.system."""
