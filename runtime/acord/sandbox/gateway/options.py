"""What a gateway may be told to do otherwise than Discord usually does."""

from dataclasses import dataclass

__all__ = ["GatewayOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    """Times are in seconds. Where Discord documents a number, it is the default."""

    # Connections
    versions: frozenset[int] = frozenset({9, 10})
    heartbeat_interval: float = 41.25
    heartbeat_patience: float = 1.5
    """A connection that has not beaten for so many intervals is closed."""
    silent_code: int = 4000
    """With this code: Discord says that such a client is forced to resume; 4009 is seen as well."""
    reconnect_patience: float = 5.0
    """From a reconnect (opcode 7) until the connection is closed."""

    # Sessions
    session_lifetime: float = 180.0
    """How long a session without a connection can be resumed; Discord says a few minutes."""
    replay: int = 10_000
    """Events that a session keeps for a resume."""

    # Starting them
    max_concurrency: int = 1
    identify_slack: float = 0.1
    """How much closer than 5 seconds two identifies of one slot may come in: they travel."""
    shards: int | None = None
    """What get_bot_gateway recommends; None counts the guilds."""
    guilds_per_shard: int = 2500
    """A shard with more is refused: sharding required."""

    # Members
    large_guild: int = 75_000
    """A guild with more members is never sent whole."""
    chunk: int = 1000
    """Members of one GUILD_MEMBERS_CHUNK."""

    # Voice
    voice_endpoint: str | None = "voice.invalid:443"
    """Where VOICE_SERVER_UPDATE sends a bot; None: no server is free."""

    # The sandbox itself
    check: bool = True
    """Whether every event is held against the specification: it costs about as much as all the rest."""
