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
    import acord.hooks as hooks
    import acord.models as models
    import acord.routes as routes
    from acord.core.abc import PaginatedRoute, Route
    from acord.core.client import Client
    from acord.core.dispatch import Dispatch
    from acord.core.drift import DriftReport
    from acord.core.gateway import Shard
    from acord.core.hooks import Hooks
    from acord.core.http import HTTPClient
    from acord.core.permissions import compute_permissions
    from acord.core.preload import preload
    from acord.core.sessions import FileSession, MemorySession
    from acord.core.shards import Gateway
    from acord.core.signals.gateway import Intents
    from acord.core.types import MISSING, File, Missing, Snowflake, SnowflakeLike, Token
    from acord.core.webhook import Webhook
    from acord.flags import Permissions

__all__ = [
    "MISSING",
    "Client",
    "Dispatch",
    "DriftReport",
    "File",
    "FileSession",
    "Gateway",
    "HTTPClient",
    "Hooks",
    "Intents",
    "MemorySession",
    "Missing",
    "PaginatedRoute",
    "Permissions",
    "Route",
    "Shard",
    "Snowflake",
    "SnowflakeLike",
    "Token",
    "Webhook",
    "cdn",
    "commands",
    "compute_permissions",
    "errors",
    "events",
    "flags",
    "formatting",
    "hooks",
    "models",
    "preload",
    "routes",
]
HOME = {
    "MISSING": "acord.core.types",
    "Client": "acord.core.client",
    "Dispatch": "acord.core.dispatch",
    "DriftReport": "acord.core.drift",
    "File": "acord.core.types",
    "FileSession": "acord.core.sessions",
    "Gateway": "acord.core.shards",
    "HTTPClient": "acord.core.http",
    "Hooks": "acord.core.hooks",
    "Intents": "acord.core.signals.gateway",
    "MemorySession": "acord.core.sessions",
    "Missing": "acord.core.types",
    "PaginatedRoute": "acord.core.abc",
    "Permissions": "acord.flags",
    "Route": "acord.core.abc",
    "Shard": "acord.core.gateway",
    "Snowflake": "acord.core.types",
    "SnowflakeLike": "acord.core.types",
    "Token": "acord.core.types",
    "Webhook": "acord.core.webhook",
    "compute_permissions": "acord.core.permissions",
    "preload": "acord.core.preload",
}
