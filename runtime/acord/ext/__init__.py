"""Adapters to other people's software, each imported by itself."""
