"""From a request to its answer: which operation, who asks, is it allowed, does it fit the spec."""
