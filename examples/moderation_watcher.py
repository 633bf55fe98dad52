"""Prints what moderators and auto moderation do, as it happens.

Run it:      DISCORD_TOKEN=... python examples/moderation_watcher.py
No token?    python examples/on_sandbox.py moderation_watcher
It needs:    the permissions VIEW_AUDIT_LOG and MANAGE_GUILD in the guilds to watch; no privileged intent
"""

import os
from datetime import datetime

from acord import Client, Intents, events

client = Client(
    token=os.environ["DISCORD_TOKEN"],
    intents=Intents.GUILDS | Intents.GUILD_MODERATION | Intents.AUTO_MODERATION_EXECUTION,
)


def say(guild_id: int, text: str) -> None:
    print(f"{datetime.now():%H:%M:%S}  guild {guild_id}  {text}", flush=True)


# A plain function is called as the event arrives: for what takes no time that is the cheaper way.
@client.on(events.GuildAuditLogEntryCreate)
def audited(entry: events.GuildAuditLogEntryCreate) -> None:
    reason = f", because: {entry.reason!r}" if entry.reason else ""
    say(entry.guild_id, f"{entry.action_type.name} of {entry.target_id} by {entry.user_id}{reason}")


@client.on(events.GuildBanAdd)
def banned(event: events.GuildBanAdd) -> None:
    say(event.guild_id, f"{event.user.username!r} is banned")


@client.on(events.GuildBanRemove)
def forgiven(event: events.GuildBanRemove) -> None:
    say(event.guild_id, f"{event.user.username!r} may come back")


@client.on(events.AutoModerationActionExecution)
def stopped(event: events.AutoModerationActionExecution) -> None:
    # An action that is newer than this library has no name yet, and is no error either.
    say(event.guild_id, f"a rule ({event.rule_trigger_type!r}) did {event.action.type!r} to {event.user_id}")


if __name__ == "__main__":
    client.run()
