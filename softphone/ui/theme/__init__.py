"""The design language as code: tokens, colours of both themes, style sheet, icons.

Thread: the desk's main thread.
May import: softphone.domain, PySide6. The page for people is docs/design-language.md.
"""
