"""Pictures of every window and state, made by one command: `python -m softphone.ui.screenshots --output DIR`.

Thread: main. A desk of examples stands behind the real windows; nothing is registered, stored or sent.
"""
