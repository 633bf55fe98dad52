"""How we introduce ourselves to Discord, over REST and on the gateway.

Source: Discord docs, API Reference > User Agent.
"""

import sys
from typing import Final

from acord import __version__

__all__ = ["PROJECT_URL", "USER_AGENT"]

PROJECT_URL: Final = "https://acord.invalid"  # the form asks for one; a subclass gives its own with `user_agent`
USER_AGENT: Final = f"DiscordBot ({PROJECT_URL}, {__version__}) Python/{'.'.join(map(str, sys.version_info[:3]))}"
