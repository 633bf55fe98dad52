"""What `import acord` offers: the one list of it.  Names load from their home on first use."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Not `from acord import errors`: pyright would look for it in `acord`'s stub, that is, here.
    import acord.commands as commands
    import acord.errors as errors
    import acord.events as events
    import acord.models as models
    import acord.routes as routes
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
    "commands",
    "errors",
    "events",
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
