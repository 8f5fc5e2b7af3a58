"""The same tests on a fake and on the real thing, so that the fakes stay honest."""
