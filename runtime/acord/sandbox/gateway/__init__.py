"""The other end of a gateway connection: sessions, replay, limits; payloads in, payloads out."""
