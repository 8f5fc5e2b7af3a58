"""What each part of the window shows, as frozen values computed from the use cases. Pure Python, no Qt.

Thread: the desk's main thread.
May import: softphone.domain, softphone.usecases, softphone.ui.words, softphone.ui.formats, the tone names.
"""
