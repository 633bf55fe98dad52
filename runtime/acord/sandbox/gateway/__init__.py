"""The server's side of gateway connections: sessions, events, commands. Without I/O."""

from acord.sandbox.gateway.links import Link, Wire
from acord.sandbox.gateway.options import GatewayOptions
from acord.sandbox.gateway.server import Gateway

__all__ = ["Gateway", "GatewayOptions", "Link", "Wire"]
