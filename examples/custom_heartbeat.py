"""A heartbeat of your own, for those who want to know, or to do, something at each beat.

Run it:      DISCORD_TOKEN=... python examples/custom_heartbeat.py
No token?    python examples/on_sandbox.py custom_heartbeat
"""

import os

from acord import Client, Intents
from acord.core.heartbeat import GatewayKeepAlive


class Pulse(GatewayKeepAlive):
    """The usual heartbeat, which also says how it goes.

    Each is a thread, so that it beats on while your event loop is busy; `KeepAlive`, its base, leaves everything to
    you: `get_payload`, `send_heartbeat` and `ack`.
    """

    def send_heartbeat(self) -> None:
        print(f"{self.name}: a beat", flush=True)  # first: this is a thread, and the answer comes on the event loop's
        super().send_heartbeat()

    def ack(self) -> None:
        super().ack()
        print(f"{self.name}: answered after {(self.latency or 0) * 1000:.0f} ms", flush=True)


# Or for all clients of the process:  import acord.core.gateway; acord.core.gateway.GatewayKeepAlive = Pulse
client = Client(token=os.environ["DISCORD_TOKEN"], intents=Intents.GUILDS, keepalive=Pulse)

if __name__ == "__main__":
    client.run()
