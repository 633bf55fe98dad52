"""What time alone brings about: polls end, threads nobody writes in are archived."""

from acord.flags import ChannelFlags
from acord.sandbox.answers import Json
from acord.sandbox.world import polls, thread_state
from acord.sandbox.world.ids import instant
from acord.sandbox.world.state import THREADS, World

__all__ = ["settle"]


def settle(world: World) -> None:
    """Do what has become due, and tell of it. Whoever moves the clock, or lets it run, calls this now and then."""
    for message in polls.due(world):
        polls.end(world, message)
    for channel in list(world.channels.values()):
        if channel["type"] in THREADS and _is_quiet(world, channel):
            thread_state.archive(world, channel)
            thread_state.updated(world, channel)


def _is_quiet(world: World, thread: Json) -> bool:
    """Whether nothing happened in it for as long as it says; a pinned one stays (Topics > Threads)."""
    if not thread_state.is_active(thread) or thread["flags"] & ChannelFlags.PINNED:
        return False
    metadata: Json = thread["thread_metadata"]
    last = world.messages.get(thread["id"], {}).get(str(thread["last_message_id"]))
    active = max(metadata["archive_timestamp"], last["timestamp"] if last is not None else "")
    return bool(active <= instant(world.now() - 60 * metadata["auto_archive_duration"]))
