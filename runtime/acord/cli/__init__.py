"""The command line: `python -m acord`."""
