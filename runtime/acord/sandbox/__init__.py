"""A Discord on loopback: to see ACord work without a token, and to test what talks to Discord."""
