"""A poll as a request describes it becomes one as it is shown."""

from acord.core.signals.rest import ErrorCode
from acord.sandbox.answers import Json, Refusal, invalid
from acord.sandbox.world.emoji_names import custom_emoji, partial
from acord.sandbox.world.ids import instant
from acord.sandbox.world.state import World

__all__ = ["poll"]

HOURS = 24  # how long a poll is open unless something else is said (Resources > Poll)


def poll(world: World, given: Json) -> Json:
    """What a request says of a poll, as it is shown."""
    if not given["question"].get("text"):
        raise invalid("poll.question.text", "This field is required")
    answers: list[Json] = []
    for index, one in enumerate(given["answers"]):
        media, where = one["poll_media"], f"poll.answers.{index}.poll_media"
        if not media.get("text"):
            raise invalid(f"{where}.text", "This field is required")
        if len(media["text"]) > 55:
            raise invalid(f"{where}.text", "Must be 55 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
        shown: Json = {"text": media["text"]}
        if emoji := media.get("emoji"):
            shown["emoji"] = _emoji(world, emoji)
        answers.append({"answer_id": index + 1, "poll_media": shown})
    return {
        "question": {"text": given["question"]["text"]},
        "answers": answers,
        "expiry": instant(world.now() + 3600 * (given.get("duration") or HOURS)),
        "allow_multiselect": bool(given.get("allow_multiselect")),
        "layout_type": given.get("layout_type") or 1,
    }


def _emoji(world: World, given: Json) -> Json:
    if not given.get("id"):
        return {"id": None, "name": given.get("name")}
    found = custom_emoji(world, str(given["id"]))
    if found is None:
        raise Refusal(400, ErrorCode.CANNOT_USE_POLL_EMOJI, "Cannot use an emoji included with the poll")
    return partial(found[0])
