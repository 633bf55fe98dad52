"""A page to look at: what people and bots say, what goes over the wire, and buttons to break it."""
