"""Which queue a request waits in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from acord.core.lanes import DISCORD_EPOCH_MS, Lane, lane_of

NOW = DISCORD_EPOCH_MS + 300_000_000_000.0
BY_AGE = {"by": "age", "of": "message_id", "lanes": [{"name": "new", "below": 10}, {"name": "recent", "below": 1209600}, {"name": "old"}]}  # fmt: skip  # noqa: E501
BY_BODY = {"by": "body", "lanes": [{"name": "rename", "any_of": ["name", "topic"]}, {"name": "other"}]}
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5"


@dataclass
class Route:
    method: str = "GET"
    template: str = "/channels/{channel_id}/messages/{message_id}"
    bucket: Mapping[str, str] = field(default_factory=dict[str, str])
    major: tuple[tuple[str, str], ...] = (("channel_id", "1"),)
    body: Any = None
    operation: Any = None


def operation(**limits: object) -> object:
    return SimpleNamespace(limits=limits)


def lane(**fields: Any) -> Lane:
    return lane_of(Route(**fields), "bot", NOW)


def old(seconds: float) -> dict[str, str]:
    return {"message_id": str(int(300_000_000_000 - seconds * 1000) << 22)}


def test_two_messages_of_one_channel_are_one_lane() -> None:
    assert lane(bucket={"message_id": "2"}) == lane(bucket={"message_id": "3"})


def test_two_channels_are_two_lanes() -> None:
    assert lane() != lane(major=(("channel_id", "2"),))


def test_two_credentials_are_two_lanes() -> None:
    assert lane_of(Route(), "a", NOW) != lane_of(Route(), "b", NOW)


def test_the_spelling_of_a_template_does_not_matter() -> None:
    assert lane() == lane(template="/channels/{}/messages/{}")


def test_deletes_are_told_apart_by_the_age_of_the_message() -> None:
    layered = operation(variants=BY_AGE)
    ages = [lane(method="DELETE", bucket=old(seconds), operation=layered).variant for seconds in (5, 60, 2_000_000)]

    assert ["new", "recent", "old"] == ages


def test_a_message_id_that_is_none_falls_into_the_last_layer() -> None:
    assert (
        "old" == lane(method="DELETE", bucket={"message_id": "@original"}, operation=operation(variants=BY_AGE)).variant
    )


def test_a_rename_has_a_lane_of_its_own() -> None:
    layered = operation(variants=BY_BODY)

    assert "rename" == lane(method="PATCH", body={"topic": "x", "nsfw": True}, operation=layered).variant
    assert "other" == lane(method="PATCH", body={"nsfw": True}, operation=layered).variant


def test_the_keys_of_the_body_are_kept_only_where_there_are_no_variants() -> None:
    assert frozenset({"nsfw"}) == lane(body={"nsfw": True}).keys
    assert None is lane(body={"nsfw": True}, operation=operation(variants=BY_BODY)).keys
    assert None is lane(body=[1, 2]).keys


def test_an_interactions_first_answer_is_a_callback_and_exempt() -> None:
    found = lane(method="POST", template="/interactions/{interaction_id}/{interaction_token}/callback")

    assert (True, True) == (found.callback, found.exempt)


def test_a_follow_up_is_exempt_and_a_webhook_on_the_same_path_is_not() -> None:
    flagged = operation(global_exempt=True)
    path = "/webhooks/{webhook_id}/{webhook_token}"

    assert lane(template=path, bucket={"webhook_token": INTERACTION}, operation=flagged).exempt
    assert not lane(template=path, bucket={"webhook_token": "abc"}, operation=flagged).exempt
    assert not lane(template=path, bucket={"webhook_token": INTERACTION}, operation=operation()).exempt


def test_no_token_is_in_a_lane() -> None:
    found = lane(bucket={"webhook_token": "s3cret-token"}, major=(("webhook_id", "1"), ("webhook_token", "d1gest")))

    assert "s3cret" not in repr(found)
