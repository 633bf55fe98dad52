"""Payloads of events as hypothesis strategies, made from the documentation reader's facts (docs_gateway.json).

The facts say of a field only that it is a link, a list or a map; what is in there stands below, by place: a schema of
the official document (sampled by `samples`), a table of the documentation (a title with a blank in it), a kind of the
facts, ``[x]`` and ``{x}`` for lists and maps of these, ``=`` before JSON as it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st

from tests.tools.facts import official
from tests.tools.samples import samples

Mode: TypeAlias = Literal["least", "all", "nulls", "tomorrow"]
MODES: tuple[Mode, ...] = ("least", "all", "nulls", "tomorrow")
Field: TypeAlias = list[str]

DOCS: Any = json.loads((Path(__file__).parents[1] / "data" / "docs_gateway.json").read_text())
EVENTS: dict[str, Any] = DOCS["gateway"]["received"]
WEBHOOK: dict[str, Any] = DOCS["webhook_events"]["events"]
TABLES: dict[str, dict[str, Field]] = {
    **DOCS["gateway"]["objects"],
    **DOCS["objects"],
    **DOCS["interactions"]["answers"],
    **{f"Webhook Events: {title}": table for title, table in DOCS["webhook_events"]["objects"].items()},
}

# What the pages are about that events name as their payload.
PAGES = {
    "events/webhook-events#lobby-message-object": "Webhook Events: Lobby Message Structure",
    "events/webhook-events#message-object": "MessageResponse",
    "events/webhook-events#sdk-dm-message-object": "Webhook Events: SDK DM Message Structure",
    "interactions/application-commands#application-command-permissions-object-guild-application-command-permissions-structure": "CommandPermissionsResponse",  # noqa: E501
    "interactions/receiving-and-responding#interaction-object-interaction-structure": "Interaction Structure",
    "resources/audit-log#audit-log-entry-object": "AuditLogEntryResponse",
    "resources/auto-moderation#auto-moderation-rule-object": "Auto Moderation Rule Structure",
    "resources/channel#channel-object": "GuildChannelResponse",
    "resources/channel#thread-member-object": "ThreadMemberResponse",
    "resources/entitlement#entitlement-object": "EntitlementResponse",
    "resources/guild#guild-member-object": "GuildMemberResponse",
    "resources/guild#guild-object": "Guild Structure",
    "resources/guild#integration-object": "Integration Structure",
    "resources/guild#unavailable-guild-object": '={"id": "41771983423143937", "unavailable": true}',
    "resources/guild-scheduled-event#guild-scheduled-event-object": "Guild Scheduled Event Structure",
    "resources/message#message-object": "MessageResponse",
    "resources/soundboard#soundboard-sound-object": "SoundboardSoundResponse",
    "resources/stage-instance#stage-instance-object": "StageInstanceResponse",
    "resources/subscription#subscription-object": "SubscriptionResponse",
    "resources/user#user-object": "User Structure",
    "resources/voice#voice-state-object": "VoiceStateResponse",
}
THREADS = {"THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE"}
MEMBER = (
    '={"avatar": null, "banner": null, "communication_disabled_until": null, "flags": 1, "nick": "n", "roles": ["1"], \
"joined_at": "2026-07-18T12:34:56.789000+00:00", "pending": false, "premium_since": null, "mute": false, "deaf": true}'
)
USER = '={"id": "80351110224678912", "username": "nelly", "discriminator": "0", "avatar": null, "global_name": null}'
CHANNEL = '={"id": "41771983423143937", "type": 0, "name": "general", "permissions": "8", "parent_id": null}'
COMMAND = "Application Command Data Structure"
INPUTS = ("String Select", "Text Input", "User Select", "Role Select", "Mentionable Select", "Channel Select",
          "File Upload", "Radio Group", "Checkbox Group", "Checkbox")  # fmt: skip

VALUES = [{"name": "n", "type": 10, "value": 1.5, "focused": True}, {"name": "b", "type": 5, "value": True},
          {"name": "i", "type": 4, "value": 7}, {"name": "s", "type": 3, "value": "7"}]  # fmt: skip
OPTIONS = [{"name": "group", "type": 2, "options": [{"name": "sub", "type": 1, "options": VALUES}]}]

# Field, or ``place.field`` where it is another thing there -> what is in it.
FIELDS = {
    "account": "AccountResponse",
    "action": "BlockMessageActionResponse",
    "actions": "[FlagToChannelActionResponse]",
    "activities": "[Activity Structure]",
    "activity": '={"type": 1}',
    "added_members": "[added]",
    "allow_list": "[string]",
    "app_permissions": '="2147483647"',
    "application": '={"id": "1", "flags": 8192, "name": "app", "description": "", "icon": null}',
    "Integration Structure.application": "IntegrationApplicationResponse",
    "assets": "Activity Assets",
    "attachments": "{MessageAttachmentResponse}",
    "author": "UserResponse",
    "authorizing_integration_owners": "{snowflake}",
    "avatar_decoration_data": '={"asset": "a_1", "sku_id": "1144058844004233369"}',
    "burst_colors": "[string]",
    "buttons": "[string]",
    "CHANNEL_INFO.channels": "[Channel Info Channel Structure]",
    "channel": CHANNEL,
    "channel_ids": "[snowflake]",
    "channels": "[GuildChannelResponse]",
    "client_status": "Client Status Object",
    "collectibles": '={"nameplate": {"sku_id": "1", "asset": "a", "label": "l", "palette": "cobalt"}}',
    "component": f"={json.dumps({'type': 22, 'id': 3, 'custom_id': 'c', 'values': ['a']})}",
    "components": "[modal]",
    "context": "integer",
    "creator": "UserResponse",
    "Interaction Structure.data": COMMAND,
    "data": '={"id": "1", "brand_new": [null]}',
    "emoji": "MessageReactionEmojiResponse",
    "Activity Structure.emoji": "Activity Emoji",
    "emojis": "[EmojiResponse]",
    "entitlements": "[EntitlementResponse]",
    "entity_metadata": "Guild Scheduled Event Entity Metadata",
    "entity_type": "integer",
    "event": "Webhook Events: Event Body Object",
    "exempt_channels": "[snowflake]",
    "exempt_roles": "[snowflake]",
    "expire_behavior": "integer",
    "features": "[string]",
    "Interaction Structure.guild": '={"id": "1", "locale": "en-US", "features": ["COMMUNITY"]}',
    "guild": "GuildResponse",
    "guild_scheduled_events": "[Guild Scheduled Event Structure]",
    "guilds": '=[{"id": "1", "unavailable": true}, {"id": "2"}]',
    "ids": "[snowflake]",
    "incidents_data": '={"invites_disabled_until": null, "dms_disabled_until": "2026-07-18T12:34:56.789000+00:00"}',
    "inviter": "UserResponse",
    "keyword_filter": "[string]",
    "member": "GuildMemberResponse",
    "MESSAGE_CREATE.member": MEMBER,
    "members": "[GuildMemberResponse]",
    "Resolved Data Structure.members": "{BasicGuildMemberResponse}",
    "THREAD_LIST_SYNC.members": "[ThreadMemberResponse]",
    "mentions": f"=[{USER[1:-1]}, \"member\": {MEMBER[1:]}}}, {USER[1:]}]",
    "message": "MessageResponse",
    "messages": "{MessageResponse}",
    "meta": "Request Guild Member Rate Limit Metadata Structure",
    "metadata": '={"a": "b"}',
    "not_found": "[snowflake]",
    "options": f"={json.dumps(OPTIONS)}",
    "party": "Activity Party",
    "permissions": '="8"',
    "premium_progress_bar_enabled_user_updated_at": "timestamp",
    "presences": "[presence]",
    "presets": "=[1, 3, 99]",
    "primary_guild": '={"identity_guild_id": null, "identity_enabled": false, "tag": null, "badge": null}',
    "privacy_level": "integer",
    "recurrence_rule": "=null",
    "regex_patterns": "[string]",
    "removed_member_ids": "[snowflake]",
    "resolved": "Resolved Data Structure",
    "role": "GuildRoleResponse",
    "role_ids": "[snowflake]",
    "roles": "[snowflake]",
    "Guild Structure.roles": "[GuildRoleResponse]",
    "Resolved Data Structure.roles": "{GuildRoleResponse}",
    "rule_trigger_type": "integer",
    "scopes": "[string]",
    "secrets": "Activity Secrets",
    "shard": "=[0, 16]",
    "size": "=[1, 4]",
    "soundboard_sounds": "[SoundboardSoundResponse]",
    "stage_instances": "[StageInstanceResponse]",
    "stickers": "[GuildStickerResponse]",
    "Guild Scheduled Event Structure.status": "integer",
    "target_application": '={"id": "1", "name": "game"}',
    "target_user": "UserResponse",
    "threads": "[ThreadResponse]",
    "timestamps": "Activity Timestamps",
    "trigger_metadata": "Trigger Metadata",
    "type": "integer",
    "user": "UserResponse",
    "READY.user": "User Structure",
    "PRESENCE_UPDATE.user": '={"id": "80351110224678912", "brand_new": 1}',
    "users": "{UserResponse}",
    "Resolved Data Structure.channels": f"={{\"1\": {CHANNEL[1:]}}}",
    "value": '=[1, "a", 1.5, true]',
    "values": "[snowflake]",
    "voice_states": "[VoiceStateResponse]",
    "welcome_screen": '={"description": null, "welcome_channels": []}',
    "Webhook Events: Event Body Object.timestamp": '="2024-10-18T14:42:53.064834"',
    "Webhook Events: Lobby Message Structure.metadata": '={"k": "v"}',
}  # fmt: skip
_SCALARS: dict[str, tuple[Any, ...]] = {
    "snowflake": ("175928847299117063", "1", "18446744073709551615"),
    "string": ("text", "", "ünïcödé \U0001f600", "0x"),
    "integer": (1, 0, 99, 2**40),
    "number": (1.5, 2.0),
    "boolean": (True, False),
    "timestamp": ("2026-07-18T12:34:56.789000+00:00", "2015-05-13T00:00:00+00:00"),
    "array": ((),),
    "map": ({},),
    "any": (None, 1, "a", {"b": [1]}),
}


def event(name: str, mode: Mode, *, webhook: bool = False) -> st.SearchStrategy[Any]:
    """Payloads of one event; ``mode`` says what of it is there.

    The required fields alone; every field; every field with null wherever that is allowed; every field and some that
    nobody knows yet.
    """

    @st.composite
    def payload(draw: st.DrawFn) -> Any:
        fact = (WEBHOOK if webhook else EVENTS)[name]
        made = _Made(draw, mode)
        if "d" in fact:
            return made.value("d", fact["d"], name)
        found: dict[str, Any] = {}
        for page in fact.get("objects", ())[:1]:
            found = made.recipe("ThreadResponse" if name in THREADS else PAGES[page])
        if "subset" in fact:
            found = {key: found.get(key) or "41771983423143937" for key in fact["subset"]}
        fields = fact.get("fields") or (EVENTS[fact["extras_of"]]["fields"] if "extras_of" in fact else {})
        found |= made.table(fact.get("extras_of", name), fields)
        return {key: value for key, value in found.items() if key not in fact.get("omits", ())}

    return payload()


class _Made:
    """One payload in the making."""

    def __init__(self, draw: st.DrawFn, mode: Mode) -> None:
        self.draw, self.mode = draw, mode
        self.depth = 0

    def table(self, title: str, fields: dict[str, Field]) -> dict[str, Any]:
        found = {
            name: self.value(name, marks, title)
            for name, marks in fields.items()
            if "optional" not in marks or (self.mode != "least" and self.depth < 3)
        }
        if self.mode == "tomorrow":
            found["brand_new_thing"] = {"a": [1, None]}
        return found

    def value(self, name: str, marks: Field, title: str) -> Any:
        if self.mode == "nulls" and "nullable" in marks:
            return None
        if marks[0] == "null":
            return None
        recipe = FIELDS.get(f"{title}.{name}")
        if recipe is None and (marks[0] not in _SCALARS or marks[0] in ("array", "map") or name == "app_permissions"):
            recipe = FIELDS[name]
        self.depth += 1
        found = self.recipe(recipe or marks[0])
        self.depth -= 1
        return found

    def recipe(self, text: str) -> Any:
        if text.startswith("="):
            return json.loads(text[1:])
        if text.startswith("["):
            return [self.recipe(text[1:-1])]
        if text.startswith("{"):
            return {"175928847299117063": self.recipe(text[1:-1])}
        if text in _SCALARS:
            return self.draw(st.sampled_from(_SCALARS[text]))
        if text == "presence":
            return self.table("PRESENCE_UPDATE", EVENTS["PRESENCE_UPDATE"]["fields"])
        if text == "added":  # the extra fields stand in a sentence below the table
            return {
                **self.recipe("ThreadMemberResponse"),
                "member": self.recipe("GuildMemberResponse"),
                "presence": None,
            }
        if text == "modal":
            return self._component(self.draw(st.sampled_from(INPUTS)))
        if text in TABLES:
            return self.table(text, TABLES[text])
        if text not in official().schemas:  # a document lacks it: our class of it asks for none of its fields then
            return {}
        return self.draw(samples(text))

    def _component(self, kind: str) -> dict[str, Any]:
        """A label around one input, with the type that the official document gives the input."""
        title = f"{kind} Interaction Response Structure"
        found = self.table(title, {key: marks for key, marks in TABLES[title].items() if key != "component_type"})
        found |= {"type": TYPES[kind]}
        if kind == "Radio Group":
            found["value"] = "a"
        return {"type": 18, "id": 1, "component": found}


TYPES = {"String Select": 3, "Text Input": 4, "User Select": 5, "Role Select": 6, "Mentionable Select": 7,
         "Channel Select": 8, "File Upload": 19, "Radio Group": 21, "Checkbox Group": 22, "Checkbox": 23}  # fmt: skip
