"""What people do on the sandbox: they write, react, press, choose, run commands, come and go.

A bot's tests say what somebody does and look at what the bot makes of it:

    bob = Person(world, seeds.bob_id)
    message = bob.send(seeds.general_id, "!plant")
    bob.react(message, "🌳")
    interaction = bob.run_command(seeds.general_id, "plant", kind="oak")

Whoever asks for what no person could do (press a button that is not there) gets a `Mistake` that says what
there is; what Discord would not let a person do is a `Refusal`, as for a bot.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from acord.core.abc import Route
from acord.core.formatting import id_digits
from acord.core.types import SnowflakeLike
from acord.flags import MessageFlags, Permissions
from acord.models import Message
from acord.models.enums import ApplicationCommandType, ComponentType, InteractionType
from acord.sandbox.answers import Json, unknown
from acord.sandbox.doing import carry_out
from acord.sandbox.mistakes import Mistake, among
from acord.sandbox.responses import Choice, Interaction, Modal, seen
from acord.sandbox.world import members, messages, polls, reactions, scheduled_events, sending
from acord.sandbox.world.channels import typing
from acord.sandbox.world.choices import chosen, resolve
from acord.sandbox.world.command_input import command_data, menu_data
from acord.sandbox.world.commands import commands_of, permissions_of
from acord.sandbox.world.components import walk
from acord.sandbox.world.direct import open_dm
from acord.sandbox.world.interaction_state import begin
from acord.sandbox.world.invites import accept
from acord.sandbox.world.message_calls import change, delete
from acord.sandbox.world.modals import submission
from acord.sandbox.world.offered import OfferedFile, uploads
from acord.sandbox.world.state import World
from acord.sandbox.world.voice import join_voice, leave_voice

__all__ = ["Choice", "Interaction", "Mistake", "Modal", "Person"]

T = TypeVar("T")


class Person:
    """Somebody on the sandbox. Channels, messages and users are given by id or as objects that have one."""

    def __init__(self, world: World, user_id: SnowflakeLike, *, locale: str = "en-US") -> None:
        """``locale``: the language of the person's client, as interactions tell it. 10013 where nobody has the id."""
        self._world, self._id, self.locale = world, id_digits(user_id, "id"), locale
        self._user = world.user(self._id)

    @property
    def id(self) -> int:
        return int(self._id)

    @property
    def name(self) -> str:
        return str(self._user["username"])

    def __repr__(self) -> str:
        return f"<Person {self.name} {self._id}>"

    # Messages

    def send(
        self,
        channel: SnowflakeLike,
        content: str = "",
        *,
        files: Iterable[OfferedFile] = (),
        reply_to: Message | None = None,
        mention_author: bool = True,
    ) -> Message:
        """Write into a channel, thread or direct message; gives the message.

        ``files``: contents, or (file name, content). Refused as Discord would (50013 without SEND_MESSAGES).

        >>> bob.send(general, "Look!", files=[("oak.txt", b"O")])  # doctest: +SKIP
        """
        body: Json = {"content": content}
        if reply_to is not None:
            body["message_reference"] = {"message_id": id_digits(reply_to, "id")}
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": mention_author}
        sent = sending.send(self._world, self._channel(channel), self._id, body, uploads(files))
        return self._seen(self._world.message(id_digits(channel, "id"), sent["id"]))

    def edit(self, message: Message, content: str) -> Message:
        """Change an own message; gives it as it is now."""
        channel, kept = self._kept(message)
        change(self._world, channel, kept, self._id, {"content": content})
        return self._seen(kept)

    def delete(self, message: Message) -> None:
        """An own message, or another's where the person may (MANAGE_MESSAGES)."""
        channel, kept = self._kept(message)
        delete(self._world, channel, kept, self._id)

    def react(self, message: Message, emoji: str) -> None:
        """``emoji``: the character, or ``name:id`` of a custom one."""
        channel, kept = self._kept(message)
        reactions.add(self._world, channel, kept, self._id, emoji)

    def unreact(self, message: Message, emoji: str) -> None:
        """Take an own reaction back."""
        channel, kept = self._kept(message)
        reactions.remove(self._world, channel, kept, self._id, emoji)

    def vote(self, message: Message, *answer_ids: int) -> None:
        """Choose these answers of a poll, and no others."""
        _, kept = self._kept(message)
        polls.vote(self._world, kept, self._id, *answer_ids)

    def type(self, channel: SnowflakeLike) -> None:
        """Begin to write: the others are told."""
        typing(self._world, self._channel(channel), self._id)

    def look(self, message: Message) -> Message:
        """A message as it is now; an ephemeral one too."""
        return self._seen(self._kept(message)[1])

    def dm(self, user: SnowflakeLike, content: str, *, files: Iterable[OfferedFile] = ()) -> Message:
        """Write to somebody in person, who may be the bot; gives the message."""
        channel = open_dm(self._world, self._id, id_digits(user, "id"))
        return self.send(channel["id"], content, files=files)

    # Guilds

    def join(self, code: str) -> int:
        """Take an invite; gives the guild's id. 10006 where it is none any more, 40007 where the person is banned."""
        return int(accept(self._world, self._id, code).id)

    def leave(self, guild: SnowflakeLike) -> None:
        """Leave a guild; the owner cannot."""
        found = self._world.guild(id_digits(guild, "id"), member=self._id)
        if found.data["owner_id"] == self._id:
            raise Mistake(f"{self.name} owns {found.data['name']!r}: an owner cannot leave")
        members.kick_out(self._world, found, self._id)

    def rename(self, guild: SnowflakeLike, nick: str | None) -> None:
        """Take another name in a guild, or none."""
        found = self._world.guild(id_digits(guild, "id"), member=self._id)
        self._world.need(self._id, found, Permissions.CHANGE_NICKNAME)
        members.set_nick(self._world, found, self._id, self._id, nick)

    def enter_voice(self, channel: SnowflakeLike, *, muted: bool = False, deafened: bool = False) -> None:
        """Come into a voice channel, or change to it."""
        found = self._channel(channel)
        guild = self._world.guild(str(found.get("guild_id")))
        join_voice(self._world, guild, self._id, found["id"], self_mute=muted, self_deaf=deafened)

    def leave_voice(self, guild: SnowflakeLike) -> None:
        """Nothing where the person is in no voice channel."""
        leave_voice(self._world, self._world.guild(id_digits(guild, "id"), member=self._id), self._id)

    def interested(self, guild: SnowflakeLike, event: SnowflakeLike, wanted: bool = True) -> None:
        """Say that a scheduled event is interesting, or (``wanted`` false) that it is not any more."""
        found = self._world.guild(id_digits(guild, "guild"), member=self._id)
        say = scheduled_events.interested if wanted else scheduled_events.uninterested
        say(self._world, found, id_digits(event, "event"), self._id)

    # Apps

    def commands(self, channel: SnowflakeLike) -> list[str]:
        """The names of the commands that the person may use there, those of menus too."""
        return [command["name"] for command in self._commands(self._channel(channel))]

    def run_command(
        self, channel: SnowflakeLike, command: str, options: Mapping[str, Any] | None = None, /, **more: Any
    ) -> Interaction:
        """Run a slash command; gives what becomes of it.

        ``command``: its name, with those of group and subcommand behind it (``"tree plant"``). Values: text,
        numbers and booleans; for users, roles and channels an id or an object; for files their content or
        (file name, content); of choices the value or the name. ``options`` is for names that are no Python names.

        >>> bob.run_command(general, "tree plant", kind="oak", where=general)  # doctest: +SKIP
        """
        found = self._channel(channel)
        chat, steps = self._command(found, command, ApplicationCommandType.CHAT)
        values = {**(options or {}), **more}
        data = command_data(self._world, found, chat, steps, values, user_id=self._id)
        return self._begin(chat["application_id"], InteractionType.APPLICATION_COMMAND, found, data)

    def autocomplete(
        self,
        channel: SnowflakeLike,
        command: str,
        option: str,
        text: str = "",
        others: Mapping[str, Any] | None = None,
        /,
        **more: Any,
    ) -> Interaction:
        """Type ``text`` into an option and wait for suggestions: they come as `Interaction.choices`."""
        found = self._channel(channel)
        chat, steps = self._command(found, command, ApplicationCommandType.CHAT)
        values = {**(others or {}), **more, option: text}
        data = command_data(self._world, found, chat, steps, values, user_id=self._id, focused=option)
        return self._begin(chat["application_id"], InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, found, data)

    def use_on_user(self, channel: SnowflakeLike, command: str, user: SnowflakeLike) -> Interaction:
        """Choose a command in the menu of a user."""
        found = self._channel(channel)
        menu, _ = self._command(found, command, ApplicationCommandType.USER)
        data = menu_data(self._world, found, menu, self._world.user(id_digits(user, "id"))["id"])
        return self._begin(menu["application_id"], InteractionType.APPLICATION_COMMAND, found, data)

    def use_on_message(self, command: str, message: Message) -> Interaction:
        """Choose a command in the menu of a message."""
        found, kept = self._kept(message)
        menu, _ = self._command(found, command, ApplicationCommandType.MESSAGE)
        data = menu_data(self._world, found, menu, kept["id"])
        return self._begin(menu["application_id"], InteractionType.APPLICATION_COMMAND, found, data)

    def press(self, message: Message, button: str) -> Interaction:
        """Press a button, named by its ``custom_id`` or by what is written on it.

        >>> bob.press(interaction.response, "Plant another")  # doctest: +SKIP
        """
        channel, kept = self._kept(message)
        pressed = self._component(kept, button, (ComponentType.BUTTON,), "button")
        data: Json = {"custom_id": pressed["custom_id"], "component_type": pressed["type"], "id": pressed["id"]}
        return self._used(channel, kept, data)

    def select(self, message: Message, menu: str, *values: str | SnowflakeLike) -> Interaction:
        """Choose in a select menu, named by its ``custom_id`` or placeholder.

        ``values``: the options' values; for users, roles and channels ids or objects.
        """
        channel, kept = self._kept(message)
        used = self._component(kept, menu, _SELECTS, "menu")
        picked = chosen(self._world, channel, used, values)
        data: Json = {
            "custom_id": used["custom_id"],
            "component_type": used["type"],
            "id": used["id"],
            "values": picked,
        }
        resolved: Json = {}
        resolve(self._world, channel, used["type"], picked, resolved)
        return self._used(channel, kept, data | ({"resolved": resolved} if resolved else {}))

    def submit(self, interaction: Interaction, values: Mapping[str, Any] | None = None, /, **more: Any) -> Interaction:
        """Fill in the modal with which an interaction was answered, and send it.

        Values by ``custom_id``: text, the value of an option (a list of them where several may be chosen), a boolean
        for a box, a list of files; what is left out stays as the bot has set it.

        >>> bob.submit(interaction, name="Quercus", kinds=["oak", "elm"])  # doctest: +SKIP
        """
        record = interaction.record
        if record["modal"] is None:
            raise Mistake(f"{interaction!r} was not answered with a modal")
        if record["user_id"] != self._id:
            raise Mistake(f"the modal was shown to somebody else than {self.name}")
        channel = self._world.channel(record["payload"]["channel_id"])
        data = submission(self._world, channel, record["modal"], {**(values or {}), **more})
        application = record["payload"]["application_id"]
        return self._begin(application, InteractionType.MODAL_SUBMIT, channel, data, record["message"], dict(record))

    # Everything else

    def do(self, route: Route[T]) -> T:
        """Whatever else Discord lets people do, said by the helper of the request that does it; gives its answer.

        Refused as it would be for a bot with this person's permissions.

        >>> alice.do(members.delete_guild_member(guild, bob.id, reason="noise"))  # doctest: +SKIP
        >>> thread = bob.do(channels.create_thread(general, name="Oaks", type=11))  # doctest: +SKIP
        """
        return carry_out(self._world, self._id, route)

    # What is behind it

    def _channel(self, channel: SnowflakeLike) -> Json:
        return self._world.channel(id_digits(channel, "id"), seen_by=self._id)

    def _kept(self, message: Message) -> tuple[Json, Json]:
        channel = self._channel(message.channel_id)
        kept = messages.find(self._world, channel["id"], id_digits(message, "id"))
        shown_to = kept.get("interaction_metadata", {}).get("user", {}).get("id")
        if kept["flags"] & MessageFlags.EPHEMERAL and shown_to != self._id:
            raise unknown("message")
        return channel, kept

    def _seen(self, kept: Json) -> Message:
        return seen(self._world, kept, self._id)

    def _begin(
        self,
        application_id: str,
        kind: InteractionType,
        channel: Json,
        data: Json,
        message: Json | None = None,
        parent: Json | None = None,
    ) -> Interaction:
        application = self._world.applications[application_id]
        record = begin(
            self._world,
            application,
            kind,
            self._id,
            channel,
            data,
            message=message,
            parent=parent,
            locale=self.locale,
        )
        return Interaction(self._world, record)

    def _used(self, channel: Json, kept: Json, data: Json) -> Interaction:
        application_id = kept.get("application_id") or kept["author"]["id"]
        if application_id not in self._world.applications:
            raise Mistake("the message is not an app's: nobody would hear of it")
        return self._begin(application_id, InteractionType.MESSAGE_COMPONENT, channel, data, kept)

    def _component(self, kept: Json, name: str, kinds: tuple[ComponentType, ...], what: str) -> Json:
        there = [one for one in walk(kept["components"]) if one["type"] in kinds and one.get("custom_id") is not None]
        written = ("custom_id", "label", "placeholder")
        for field in written:
            for one in there:
                if one.get(field) != name:
                    continue
                if one.get("disabled"):
                    raise Mistake(f"the {what} {name!r} is disabled")
                return one
        raise Mistake(f"the message has no {what} {name!r}: {among(one['custom_id'] for one in there)}")

    def _command(self, channel: Json, name: str, kind: ApplicationCommandType) -> tuple[Json, list[str]]:
        """The command, and what stands behind its name; of a menu's command the name may have spaces."""
        chat = kind == ApplicationCommandType.CHAT
        first, *steps = name.removeprefix("/").split() if chat else [name]
        everything = [one for one in commands_of(self._world, channel.get("guild_id")) if one["type"] == kind]
        found = next((one for one in everything if one["name"] == first), None)
        if found is None:
            raise Mistake(f"there is no command {first!r} here: {among(one['name'] for one in everything)}")
        if not self._may_use(channel, found):
            raise Mistake(f"{self.name} may not use the command {first!r} here")
        return found, steps

    def _commands(self, channel: Json) -> list[Json]:
        everything = commands_of(self._world, channel.get("guild_id"))
        return [one for one in everything if self._may_use(channel, one)]

    def _may_use(self, channel: Json, command: Json) -> bool:
        if "guild_id" not in channel:
            return True
        guild = self._world.guild(channel["guild_id"])
        has = self._world.permissions(self._id, channel)
        if Permissions.ADMINISTRATOR in has:
            return True
        if Permissions.USE_APPLICATION_COMMANDS not in has:
            return False
        said = permissions_of(guild, command, self._id, channel["id"])
        if said is not None:
            return said
        needed = command["default_member_permissions"]
        # "0" is for administrators only.
        return needed is None or (needed != "0" and Permissions(int(needed)) in has)


_SELECTS = (
    ComponentType.STRING_SELECT,
    ComponentType.USER_SELECT,
    ComponentType.ROLE_SELECT,
    ComponentType.MENTIONABLE_SELECT,
    ComponentType.CHANNEL_SELECT,
)
