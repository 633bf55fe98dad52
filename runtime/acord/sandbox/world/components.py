"""Components of messages: ids, defaults and media are filled in, what Discord refuses is refused."""

from collections.abc import Iterator, Sequence
from typing import Any

from acord.models import ButtonStyle, ComponentType
from acord.sandbox.answers import Json, invalid
from acord.sandbox.world.attachments import media_of
from acord.sandbox.world.state import World

__all__ = ["components", "interactive", "is_v2", "walk"]

MOST = 40  # components of a message, nested ones included (Components > Using Message Components)
_OLD = frozenset({int(ComponentType.ACTION_ROW)})
_SELECTS = frozenset(
    int(kind)
    for kind in (
        ComponentType.STRING_SELECT,
        ComponentType.USER_SELECT,
        ComponentType.ROLE_SELECT,
        ComponentType.MENTIONABLE_SELECT,
        ComponentType.CHANNEL_SELECT,
    )
)
_DEFAULTS: dict[int, Json] = {
    ComponentType.SEPARATOR: {"spacing": 1, "divider": True},
    ComponentType.CONTAINER: {"accent_color": None, "spoiler": False},
    ComponentType.FILE: {"spoiler": False, "name": None, "size": None},
    ComponentType.THUMBNAIL: {"description": None, "spoiler": False},
    **{kind: {"min_values": 1, "max_values": 1} for kind in _SELECTS},
}


def components(
    world: World, given: Sequence[Json] | None, *, v2: bool, attachments: Sequence[Json] = (), where: str = "components"
) -> list[Json]:
    """The components as they are shown; 50035 for a kind that needs IS_COMPONENTS_V2, a ``custom_id`` that stands
    there twice, a button that can do nothing, too many in all.
    """
    shown = _Filler(world, v2, attachments).several(given or (), where)
    everything = list(walk(shown))
    if len(everything) > MOST:
        raise invalid(where, f"Must be {MOST} or fewer in length.", "BASE_TYPE_BAD_LENGTH")
    used = {one["id"] for one in everything if one["id"]}
    if len(used) < sum(bool(one["id"]) for one in everything):
        raise invalid(where, "Component id cannot be duplicated", "COMPONENT_ID_DUPLICATED")
    free = (number for number in range(1, 1 << 31) if number not in used)
    for one in everything:
        one["id"] = one["id"] or next(free)
    return shown


def walk(several: Sequence[Json]) -> Iterator[Json]:
    """Each component, and those inside it."""
    for one in several:
        yield one
        yield from walk(one.get("components") or ())
        if one.get("accessory") is not None:
            yield from walk([one["accessory"]])


def is_v2(several: Sequence[Json]) -> bool:
    """Whether one of them needs IS_COMPONENTS_V2."""
    return any(one["type"] not in _OLD for one in several)


def interactive(several: Sequence[Json]) -> bool:
    """Whether somebody could use one of them to start an interaction."""
    return any(one.get("custom_id") is not None or one.get("sku_id") is not None for one in walk(several))


class _Filler:
    def __init__(self, world: World, v2: bool, attachments: Sequence[Json]) -> None:
        self.world, self.v2, self.attachments = world, v2, attachments
        self.custom_ids: set[str] = set()

    def several(self, given: Sequence[Json], where: str) -> list[Json]:
        if not self.v2 and where == "components" and len(given) > 5:
            raise invalid(where, "Must be between 1 and 5 in length.", "BASE_TYPE_BAD_LENGTH")
        return [self.one(item, f"{where}.{index}") for index, item in enumerate(given)]

    def one(self, given: Json, where: str) -> Json:
        kind = int(given["type"])
        if not self.v2 and where.count(".") == 1 and kind not in _OLD:
            raise invalid(f"{where}.type", 'Value of field "type" must be one of (1,).', "UNION_TYPE_CHOICES")
        shown: Json = {**_DEFAULTS.get(kind, {}), **{key: item for key, item in given.items() if item is not None}}
        shown["id"] = given.get("id") or 0
        shown.pop("required", None)  # of modals
        if (custom_id := shown.get("custom_id")) is not None:
            if custom_id in self.custom_ids:
                message = "Component custom id cannot be duplicated"
                raise invalid(f"{where}.custom_id", message, "COMPONENT_CUSTOM_ID_DUPLICATED")
            self.custom_ids.add(custom_id)
        if kind == ComponentType.BUTTON:
            self._button(shown, where)
        elif kind == ComponentType.MEDIA_GALLERY:
            shown["items"] = [self._item(item, f"{where}.items.{index}") for index, item in enumerate(given["items"])]
        elif kind == ComponentType.THUMBNAIL:
            shown["media"] = self._media(given["media"], f"{where}.media")[0]
        elif kind == ComponentType.FILE:
            shown["file"], attachment = self._media(given["file"], f"{where}.file")
            if attachment is not None:
                shown |= {"name": attachment["filename"], "size": attachment["size"]}
        elif kind in _SELECTS and shown["min_values"] > shown["max_values"]:
            raise invalid(f"{where}.min_values", "min_values cannot be greater than max_values", "BASE_TYPE_BAD_VALUE")
        if given.get("components") is not None:
            shown["components"] = self.several(given["components"], f"{where}.components")
        if given.get("accessory") is not None:
            shown["accessory"] = self.one(given["accessory"], f"{where}.accessory")
        return shown

    def _button(self, shown: Json, where: str) -> None:
        shown.setdefault("disabled", False)
        needed = {ButtonStyle.LINK: "url", ButtonStyle.PREMIUM: "sku_id"}.get(shown["style"], "custom_id")
        if needed not in shown:
            raise invalid(f"{where}.{needed}", "This field is required")
        if needed != "sku_id" and not shown.get("label") and "emoji" not in shown:
            raise invalid(where, "Buttons must have a label or an emoji", "BUTTON_COMPONENT_MISSING_LABEL_AND_EMOJI")

    def _item(self, given: Json, where: str) -> Json:
        media, _ = self._media(given["media"], f"{where}.media")
        return {"media": media, "description": given.get("description"), "spoiler": bool(given.get("spoiler"))}

    def _media(self, given: Json, where: str) -> tuple[Json, Any]:
        found, attachment = media_of(given["url"], self.attachments, f"{where}.url")
        found["id"] = self.world.ids()
        if attachment is not None:
            found["attachment_id"] = attachment["id"]
        return found, attachment
