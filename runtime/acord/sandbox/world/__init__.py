"""What exists on the pretended Discord and the rules of its everyday life; no sockets, no event loop."""
