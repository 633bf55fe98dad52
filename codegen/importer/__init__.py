"""Discord's OpenAPI document -> spec/: what is Discord's is rewritten, what is ours is kept."""
