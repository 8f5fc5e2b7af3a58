"""The command line: starting the desk, `softphone ctl`, accounts without a window, the self-test.

Thread: main of a short-lived process, before or instead of the desk.
May import: softphone.system, softphone.usecases, softphone.domain; the rest only inside the self-test.
"""
