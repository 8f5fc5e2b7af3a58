"""Catalogues of translated strings: gettext .po files, read directly, kept complete by a command and a test.

`python -m softphone.ui.translating` brings the catalogues in resources/translations up to date with the code.
"""
