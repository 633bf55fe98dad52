"""The generator: spec/ -> generated/acord, Discord's OpenAPI document -> spec/.  It never imports acord."""
