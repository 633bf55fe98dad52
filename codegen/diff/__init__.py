"""What changed between two descriptions of Discord's API, and what of it breaks people's code.

`sides` reads whatever is named into `facts`; `renames` pairs what only moved; `compare` is pure and finds the changes;
`breaking` judges them; `forms` writes them down.
"""
