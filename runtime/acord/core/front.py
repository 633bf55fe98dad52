"""What `import acord` offers: the one list of it.  Names load from their home on first use."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Not `from acord import errors`: pyright would look for it in `acord`'s stub, that is, here.
    import acord.cdn as cdn
    import acord.commands as commands
    import acord.errors as errors
    import acord.events as events
    import acord.flags as flags
    import acord.formatting as formatting
    import acord.models as models
    import acord.routes as routes
    from acord.core.abc import PaginatedRoute, Route
    from acord.core.http import HTTPClient
    from acord.core.permissions import compute_permissions
    from acord.core.preload import preload
    from acord.core.signals.gateway import Intents
    from acord.core.types import MISSING, File, Missing, Snowflake, SnowflakeLike, Token
    from acord.flags import Permissions

__all__ = [
    "MISSING",
    "File",
    "HTTPClient",
    "Intents",
    "Missing",
    "PaginatedRoute",
    "Permissions",
    "Route",
    "Snowflake",
    "SnowflakeLike",
    "Token",
    "cdn",
    "commands",
    "compute_permissions",
    "errors",
    "events",
    "flags",
    "formatting",
    "models",
    "preload",
    "routes",
]
HOME = {
    "MISSING": "acord.core.types",
    "File": "acord.core.types",
    "HTTPClient": "acord.core.http",
    "Intents": "acord.core.signals.gateway",
    "Missing": "acord.core.types",
    "PaginatedRoute": "acord.core.abc",
    "Permissions": "acord.flags",
    "Route": "acord.core.abc",
    "Snowflake": "acord.core.types",
    "SnowflakeLike": "acord.core.types",
    "Token": "acord.core.types",
    "compute_permissions": "acord.core.permissions",
    "preload": "acord.core.preload",
}
