"""Embedded telephone system, CRM and customer for the first run and as fast peers of the tests.

Thread: a process of its own with one asyncio loop.
May import: anything but softphone.ui.
"""
