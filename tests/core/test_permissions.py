"""Permission arithmetic: by example, and against a model that works on sets of bit numbers."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given, strategies as st

from acord.core.errors import InvalidRequest
from acord.core.permissions import apply_implicit_denials, compute_permissions
from acord.flags import ALL_PERMISSIONS, Permissions

GUILD, OWNER, MEMBER, CHANNEL_OWN = 1, 2, 3, 4
P = Permissions
TEXT, VOICE, STAGE, THREAD = 0, 2, 13, 11


def role(role_id: int, permissions: int) -> dict[str, Any]:
    return {"id": str(role_id), "permissions": str(int(permissions))}


def overwrite(target: int, *, allow: int = 0, deny: int = 0) -> dict[str, Any]:
    return {"id": str(target), "allow": str(int(allow)), "deny": str(int(deny))}


def compute(everyone: int, *own: int, **options: Any) -> Permissions:
    roles = [role(GUILD, everyone), *(role(100 + n, value) for n, value in enumerate(own))]
    held = [100 + n for n in range(len(own))]
    return compute_permissions(MEMBER, guild=GUILD, owner=OWNER, roles=roles, member_roles=held, **options)


def test_a_member_has_what_everyone_and_each_own_role_grant() -> None:
    assert P.VIEW_CHANNEL | P.SPEAK | P.KICK_MEMBERS == compute(P.VIEW_CHANNEL, P.SPEAK, P.KICK_MEMBERS)


def test_the_owner_has_everything_whatever_the_overwrites() -> None:
    result = compute_permissions(
        OWNER,
        guild=GUILD,
        owner=OWNER,
        roles=[role(GUILD, 0)],
        member_roles=[],
        overwrites=[overwrite(GUILD, deny=ALL_PERMISSIONS)],
        timed_out=True,
    )

    assert ALL_PERMISSIONS == result


def test_an_administrator_has_everything_whatever_the_overwrites() -> None:
    assert ALL_PERMISSIONS == compute(0, P.ADMINISTRATOR, overwrites=[overwrite(MEMBER, deny=ALL_PERMISSIONS)])


def test_an_administrator_is_not_timed_out() -> None:
    assert ALL_PERMISSIONS == compute(0, P.ADMINISTRATOR, timed_out=True)


def test_administrator_given_by_an_overwrite_makes_no_administrator() -> None:
    result = compute(P.VIEW_CHANNEL, overwrites=[overwrite(MEMBER, allow=P.ADMINISTRATOR)])

    assert P.BAN_MEMBERS not in result


def test_an_allow_of_one_role_outweighs_the_deny_of_another() -> None:
    result = compute(
        P.VIEW_CHANNEL, 0, 0, overwrites=[overwrite(100, deny=P.VIEW_CHANNEL), overwrite(101, allow=P.VIEW_CHANNEL)]
    )

    assert P.VIEW_CHANNEL == result


def test_the_overwrite_of_a_role_outweighs_that_of_everyone() -> None:
    result = compute(
        P.VIEW_CHANNEL, 0, overwrites=[overwrite(100, allow=P.VIEW_CHANNEL), overwrite(GUILD, deny=P.VIEW_CHANNEL)]
    )

    assert P.VIEW_CHANNEL == result


def test_the_overwrite_of_the_member_outweighs_those_of_roles() -> None:
    base = P.VIEW_CHANNEL | P.SEND_MESSAGES

    result = compute(
        base, 0, overwrites=[overwrite(MEMBER, deny=P.SEND_MESSAGES), overwrite(100, allow=P.SEND_MESSAGES)]
    )

    assert P.VIEW_CHANNEL == result


def test_overwrites_of_roles_the_member_lacks_do_nothing() -> None:
    assert P.VIEW_CHANNEL == compute(P.VIEW_CHANNEL, overwrites=[overwrite(999, deny=P.VIEW_CHANNEL)])


def test_a_timeout_leaves_reading_alone() -> None:
    everything_else = ALL_PERMISSIONS & ~P.ADMINISTRATOR

    assert P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY == compute(everything_else, timed_out=True)


def test_without_view_channel_nothing_of_the_channel_is_left_but_the_guilds_own_is() -> None:
    assert P.KICK_MEMBERS == compute(P.SEND_MESSAGES | P.MANAGE_MESSAGES | P.KICK_MEMBERS, channel_type=TEXT)


def test_in_the_guild_as_a_whole_nothing_is_denied_implicitly() -> None:
    assert P.SEND_MESSAGES | P.CONNECT == compute(P.SEND_MESSAGES | P.CONNECT)


@pytest.mark.parametrize("lost", [P.MENTION_EVERYONE, P.SEND_TTS_MESSAGES, P.ATTACH_FILES, P.EMBED_LINKS])
def test_without_send_messages_its_kinds_have_no_effect(lost: Permissions) -> None:
    assert P.VIEW_CHANNEL == compute(P.VIEW_CHANNEL | lost, channel_type=TEXT)
    assert lost in compute(P.VIEW_CHANNEL | P.SEND_MESSAGES | lost, channel_type=TEXT)


@pytest.mark.parametrize("kind", [VOICE, STAGE])
def test_without_connect_nobody_speaks_or_manages_a_voice_channel(kind: int) -> None:
    base = P.VIEW_CHANNEL | P.SPEAK | P.MANAGE_CHANNELS

    assert P.VIEW_CHANNEL == compute(base, channel_type=kind)
    assert base | P.CONNECT == compute(base | P.CONNECT, channel_type=kind)
    assert base == compute(base, channel_type=TEXT)


def test_in_a_thread_another_permission_stands_for_send_messages() -> None:
    base = P.VIEW_CHANNEL | P.ATTACH_FILES

    assert P.VIEW_CHANNEL == compute(base | P.SEND_MESSAGES, channel_type=THREAD)
    assert base | P.SEND_MESSAGES_IN_THREADS == compute(base | P.SEND_MESSAGES_IN_THREADS, channel_type=THREAD)


def test_the_plain_arithmetic_is_to_be_had_without_implicit_denials() -> None:
    assert P.SEND_MESSAGES == compute(P.SEND_MESSAGES, overwrites=[], implicit=False)


def test_bits_without_a_name_survive() -> None:
    future = 1 << 60

    assert future | P.VIEW_CHANNEL == compute(P.VIEW_CHANNEL, future, channel_type=TEXT)
    assert P(future) in compute(P.ADMINISTRATOR, future)


def test_models_serve_as_well_as_objects_of_json() -> None:
    class Thing(NamedTuple):
        id: int
        permissions: Permissions = P(0)
        allow: Permissions = P(0)
        deny: Permissions = P(0)

    result = compute_permissions(
        Thing(MEMBER),
        guild=Thing(GUILD),
        roles=[Thing(GUILD, P.VIEW_CHANNEL | P.SPEAK)],
        member_roles=[],
        overwrites=[Thing(GUILD, deny=P.SPEAK)],
    )

    assert P.VIEW_CHANNEL == result


def test_an_own_role_that_was_deleted_grants_nothing() -> None:
    roles = [role(GUILD, P.VIEW_CHANNEL)]

    assert P.VIEW_CHANNEL == compute_permissions(MEMBER, guild=GUILD, roles=roles, member_roles=[77])


def test_roles_without_everyone_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="@everyone"):
        compute_permissions(MEMBER, guild=GUILD, roles=[role(5, 0)], member_roles=[])


@pytest.mark.parametrize("value", ["12a", -1, None])
def test_what_is_no_permission_set_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"roles\.permissions"):
        compute_permissions(MEMBER, guild=GUILD, roles=[{"id": GUILD, "permissions": value}], member_roles=[])


def test_an_object_without_the_field_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match="'allow'"):
        compute(P.VIEW_CHANNEL, overwrites=[{"id": GUILD, "deny": "0"}])


# --- the model: sets of bit numbers, one rule of the documentation after the other ---------------

BITS = st.sets(st.integers(0, 62), max_size=20)
EVERY = {bit for bit in range(63) if ALL_PERMISSIONS >> bit & 1}
ADMINISTRATOR_BIT = 3


def mask(bits: set[int]) -> int:
    return sum(1 << bit for bit in bits)


class World(NamedTuple):
    everyone: set[int]
    roles: dict[int, set[int]]
    held: list[int]
    overwrites: dict[int, tuple[set[int], set[int]]]
    owner: bool
    timed_out: bool


@st.composite
def worlds(draw: st.DrawFn) -> World:
    roles = draw(st.dictionaries(st.integers(10, 15), BITS, max_size=4))
    held = draw(st.lists(st.sampled_from(sorted(roles)), unique=True)) if roles else []
    targets = st.sampled_from([GUILD, MEMBER, 10, 11, 12, 13])
    overwrites = draw(st.dictionaries(targets, st.tuples(BITS, BITS), max_size=5))
    return World(draw(BITS), roles, held, overwrites, draw(st.booleans()), draw(st.booleans()))


def model(world: World) -> set[int]:
    bits = set(world.everyone)
    for held in world.held:
        bits |= world.roles[held]
    if world.owner or ADMINISTRATOR_BIT in bits:
        return bits | EVERY
    nothing: tuple[set[int], set[int]] = (set(), set())
    allow, deny = world.overwrites.get(GUILD, nothing)
    bits = (bits - deny) | allow
    allowed: set[int] = set()
    denied: set[int] = set()
    for held in world.held:
        allow, deny = world.overwrites.get(held, nothing)
        allowed |= allow
        denied |= deny
    bits = (bits - denied) | allowed
    allow, deny = world.overwrites.get(MEMBER, nothing)
    bits = (bits - deny) | allow
    return bits & {10, 16} if world.timed_out else bits


def computed(world: World, **options: Any) -> Permissions:
    return compute_permissions(
        MEMBER,
        guild=GUILD,
        owner=MEMBER if world.owner else OWNER,
        roles=[role(GUILD, mask(world.everyone)), *(role(i, mask(bits)) for i, bits in world.roles.items())],
        member_roles=world.held,
        overwrites=[overwrite(i, allow=mask(a), deny=mask(d)) for i, (a, d) in world.overwrites.items()],
        timed_out=world.timed_out,
        **options,
    )


@given(worlds())
def test_the_arithmetic_agrees_with_the_model(world: World) -> None:
    assert mask(model(world)) == computed(world, implicit=False)


@given(worlds(), st.sampled_from([TEXT, VOICE, STAGE, THREAD, 15, 5, 99]))
def test_implicit_denials_only_take_away(world: World, kind: int) -> None:
    plain, final = computed(world, implicit=False), computed(world, channel_type=kind)

    assert final == final & plain


@given(BITS, st.sampled_from([TEXT, VOICE, STAGE, THREAD, 15, 5, None]))
def test_implicit_denials_are_done_after_one_time(bits: set[int], kind: int | None) -> None:
    once = apply_implicit_denials(mask(bits), kind)

    assert once == apply_implicit_denials(once, kind)


@given(worlds())
def test_the_order_of_roles_and_overwrites_does_not_matter(world: World) -> None:
    turned = world._replace(held=world.held[::-1], overwrites=dict(reversed(world.overwrites.items())))

    assert computed(world) == computed(turned)


@given(BITS, BITS)
def test_the_class_computes_as_a_plain_bitmask_does(one: set[int], two: set[int]) -> None:
    a, b = P(mask(one)), P(mask(two))

    assert mask(one | two) == (a | b).value
    assert mask(one & two) == (a & b).value
    assert mask(one - two) == (a & ~b).value
    assert mask(one ^ two) == (a ^ b).value
    assert (two <= one) == (b in a)


@given(BITS)
def test_iteration_gives_the_named_members_that_are_set(bits: set[int]) -> None:
    assert sorted(bits & EVERY) == sorted(member.value.bit_length() - 1 for member in P(mask(bits)))
