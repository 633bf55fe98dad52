"""The generator: spec/ -> generated/acord, and Discord's OpenAPI document -> spec/.  Never imports acord, never shipped."""
