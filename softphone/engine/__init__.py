"""Second process: everything between network, sound card and desk.

Thread: see sip, edge and audio; the process's main thread is the sip thread.
May import: softphone.domain values.
"""
