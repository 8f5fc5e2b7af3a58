"""Small building blocks of all windows: labels, buttons, fields that know the design language.

Thread: the desk's main thread.
"""
