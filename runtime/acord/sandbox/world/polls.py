"""Polls: made with a message, voted in by people, ended by time or by their author."""

from acord.core.signals.rest import ErrorCode
from acord.models import MessageType
from acord.sandbox.answers import Json, Refusal, invalid, missing_permissions
from acord.sandbox.calls import Call
from acord.sandbox.world import messages, notify, shown
from acord.sandbox.world.handlers import handles
from acord.sandbox.world.state import World

__all__ = ["due", "end", "unvote", "vote"]


@handles("get_answer_voters")
def get_answer_voters(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    message = world.message(channel["id"], call.path["message_id"])
    _answer(message, int(call.path["answer_id"]))
    users = sorted(map(int, _votes(world, message["id"]).get(call.path["answer_id"], ())))
    after, limit = int(call.query.get("after", 0)), call.query.get("limit", 25)
    return {"users": [shown.user(world, {"id": str(one)}) for one in [one for one in users if one > after][:limit]]}


@handles("poll_expire")
def poll_expire(world: World, call: Call) -> Json:
    channel = world.channel(call.path["channel_id"], seen_by=call.user_id)
    message = world.message(channel["id"], call.path["message_id"])
    if "poll" not in message:
        raise Refusal(400, ErrorCode.CANNOT_EXPIRE_NON_POLL_MESSAGE, "Cannot expire a non-poll message")
    if message["author"]["id"] != call.user_id:
        raise missing_permissions()
    _open(world, message)
    end(world, message)
    return messages.view(world, message, call.user_id)


def end(world: World, message: Json) -> None:
    """End a poll now, if it has not: its message changes, and another one says who won."""
    message["poll"]["expiry"] = min(message["poll"]["expiry"], world.time())
    world.more.setdefault("open_polls", {}).pop(message["id"], None)
    messages.changed(world, message)
    channel = world.channels[message["channel_id"]]
    fields = {"poll_question_text": message["poll"]["question"]["text"], **_outcome(world, message)}
    reference = {"type": 0, "channel_id": channel["id"], "message_id": message["id"]}
    if "guild_id" in channel:
        reference["guild_id"] = channel["guild_id"]
    result = messages.system(world, channel, message["author"], MessageType.POLL_RESULT, reference=reference)
    result["embeds"] = [
        {
            "type": "poll_result",
            "fields": [{"name": name, "value": str(value), "inline": False} for name, value in fields.items()],
        }
    ]
    messages.publish(world, result)


def due(world: World) -> list[Json]:
    """The messages whose polls have ended by themselves, and of which nobody was told yet."""
    found: list[Json] = []
    for message_id, place in list(world.more.get("open_polls", {}).items()):
        message = world.messages.get(place["channel_id"], {}).get(message_id)
        if message is None:
            del world.more["open_polls"][message_id]
        elif message["poll"]["expiry"] <= world.time():
            found.append(message)
    return found


def vote(world: World, message: Json, user_id: str, *answer_ids: int) -> None:
    """Somebody votes for these answers; earlier votes are taken back. 520001 where the poll has ended."""
    _open(world, message)
    for answer_id in answer_ids:
        _answer(message, answer_id)
    if len(answer_ids) > 1 and not message["poll"]["allow_multiselect"]:
        raise invalid("answer_ids", "Must be 1 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    unvote(world, message, user_id, keep=answer_ids)
    votes = _votes(world, message["id"])
    for answer_id in answer_ids:
        users = votes.setdefault(str(answer_id), [])
        if user_id not in users:
            users.append(user_id)
            _tell(world, "MESSAGE_POLL_VOTE_ADD", message, user_id, answer_id)


def unvote(world: World, message: Json, user_id: str, *, keep: tuple[int, ...] = ()) -> None:
    """Somebody takes votes back, all but those of ``keep``."""
    for answer, users in _votes(world, message["id"]).items():
        if int(answer) not in keep and user_id in users:
            users.remove(user_id)
            _tell(world, "MESSAGE_POLL_VOTE_REMOVE", message, user_id, int(answer))


def _votes(world: World, message_id: str) -> dict[str, list[str]]:
    return world.more.setdefault("votes", {}).setdefault(message_id, {})


def _answer(message: Json, answer_id: int) -> Json:
    for one in message.get("poll", {}).get("answers", ()):
        if one["answer_id"] == answer_id:
            found: Json = one
            return found
    raise invalid("answer_id", "Invalid poll answer id", "POLL_ANSWER_INVALID")


def _open(world: World, message: Json) -> None:
    if message["poll"]["expiry"] <= world.time():
        raise Refusal(400, ErrorCode.POLL_EXPIRED, "Poll expired")


def _outcome(world: World, message: Json) -> Json:
    counts = {answer: len(users) for answer, users in _votes(world, message["id"]).items()}
    total = sum(counts.values())
    best = max(counts, key=lambda answer: counts[answer], default="")
    if not total:
        return {"victor_answer_votes": 0, "total_votes": 0}
    winner = _answer(message, int(best))
    said: Json = {"victor_answer_votes": counts[best], "total_votes": total, "victor_answer_id": best}
    return {**said, "victor_answer_text": winner["poll_media"]["text"]}


def _tell(world: World, event: str, message: Json, user_id: str, answer_id: int) -> None:
    channel = world.channels[message["channel_id"]]
    data: Json = {"user_id": user_id, "channel_id": channel["id"], "message_id": message["id"], "answer_id": answer_id}
    notify.in_channel(world, event, channel, data)
