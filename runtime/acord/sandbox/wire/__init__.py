"""Bytes: one port for HTTP and WebSocket, and the ways in which a connection can go wrong."""
