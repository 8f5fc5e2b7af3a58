"""SIP messages as text: the gate, the grammar, headers and URIs."""
