"""The untrusted edge: what reaches Handshake over HTTP. The only package that imports Flask."""
