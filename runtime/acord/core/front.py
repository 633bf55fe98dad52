"""What `import acord` offers: the one list of it.  Names load from their home on first use."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acord import errors, models, routes
    from acord.core.abc import Route
    from acord.core.http import HTTPClient
    from acord.core.signals.gateway import Intents
    from acord.core.types import MISSING, File, Missing, Snowflake, Token

__all__ = [
    "MISSING",
    "File",
    "HTTPClient",
    "Intents",
    "Missing",
    "Route",
    "Snowflake",
    "Token",
    "errors",
    "models",
    "routes",
]
HOME = {
    "MISSING": "acord.core.types",
    "File": "acord.core.types",
    "HTTPClient": "acord.core.http",
    "Intents": "acord.core.signals.gateway",
    "Missing": "acord.core.types",
    "Route": "acord.core.abc",
    "Snowflake": "acord.core.types",
    "Token": "acord.core.types",
}
