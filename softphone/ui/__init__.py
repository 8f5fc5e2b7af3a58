"""Windows, presenters, theme, translations, pump.

Thread: the desk's main thread.
May import: softphone.domain, softphone.usecases, PySide6.
"""
