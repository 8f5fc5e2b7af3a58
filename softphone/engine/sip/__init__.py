"""The SIP user agent on PJSIP, listening on loopback only.

Thread: the sip thread alone (it called libCreate and polls).
May import: softphone.domain values, engine.protocol, pjsua2.
"""
