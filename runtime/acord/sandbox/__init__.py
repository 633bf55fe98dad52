"""A Discord on loopback: to see ACord work without a token, and to test what talks to Discord.

    async with Sandbox() as discord:
        http = discord.http()
        ...

For people: ``python -m acord.sandbox``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acord.sandbox.fault_rules import Fault as Fault
    from acord.sandbox.gateway.options import GatewayOptions as GatewayOptions
    from acord.sandbox.mistakes import Mistake as Mistake
    from acord.sandbox.people import Interaction as Interaction, Person as Person
    from acord.sandbox.sandbox import Sandbox as Sandbox, SpecViolation as SpecViolation
else:
    # Who wants a scripted server or a fault alone does not wait for the whole of Discord.
    _HOME = {
        "Fault": "fault_rules",
        "GatewayOptions": "gateway.options",
        "Interaction": "people",
        "Mistake": "mistakes",
        "Person": "people",
        "Sandbox": "sandbox",
        "SpecViolation": "sandbox",
    }
    __all__ = sorted(_HOME)

    def __getattr__(name):
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
