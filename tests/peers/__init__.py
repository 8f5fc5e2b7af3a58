"""Real counterparts for the tests: how each is got, started on free ports and stopped.

Independent of the product: nothing here imports ``softphone``.
"""
