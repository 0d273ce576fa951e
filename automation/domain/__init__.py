"""What Handshake is about, one noun a module: links, proposals, sign-offs, commitments, scope. Pure."""
