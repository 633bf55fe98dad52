"""Discord's own documents: what is known to have changed, and every pair where ACORD_OPENAPI_DIR names a folder of them.

What is known was checked by hand against the raw documents.  It is looked for in the whole documents where they are at
hand, and always in what tests/tools/cut_documents.py cut out of them.
"""

import itertools
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from codegen.diff import sides
from codegen.diff.compare import Change, compare
from tests.codegen.conftest import ROOT, SPEC

FOLDER = Path(os.environ.get("ACORD_OPENAPI_DIR") or ".")
NAMES = ("2025-05-09", "2026-01-14", "2026-07-18", "preview-2026-07-18")
FILES = {name: FOLDER / f"discord-openapi-{name}.json" for name in NAMES}
DATA = ROOT / "tests/data"
CUT = (DATA / "cut_2025-05-09.json", DATA / "cut_2026-07-18.json")
whole = pytest.mark.skipif(
    not os.environ.get("ACORD_OPENAPI_DIR") or not all(path.exists() for path in FILES.values()),
    reason="ACORD_OPENAPI_DIR names no folder with the official documents",
)
LIMIT = 10.0  # seconds that a comparison may take
_MIRROR = {"added": "removed", "removed": "added"}
BAN = "/guilds/{guild_id}/bans/{user_id}"

# kind, where, old, new, breaking: 2025-05-09 -> 2026-07-18.
EXPECTED: list[tuple[str, str, object, object, bool]] = [
    # Renames.
    ("operation_renamed", "GET /channels/{channel_id}/pins", "list_pinned_messages", "deprecated_list_pins", False),
    ("operation_renamed", "PUT /channels/{channel_id}/pins/{message_id}", "pin_message", "deprecated_create_pin", False),
    ("operation_renamed", "DELETE /channels/{channel_id}/pins/{message_id}", "unpin_message", "deprecated_delete_pin", False),
    ("schema_renamed", "BasicApplicationResponseWithBot", "BasicApplicationResponse", "BasicApplicationResponseWithBot", False),
    ("schema_renamed", "ComponentEmojiForRequest", "ComponentEmojiForMessageRequest", "ComponentEmojiForRequest", False),
    ("schema_renamed", "StringSelectOptionForRequest", "StringSelectOptionForMessageRequest", "StringSelectOptionForRequest", False),
    # What breaks nobody.
    ("enum_member_added", "MessageComponentTypes:LABEL", None, 18, False),
    ("enum_member_added", "InteractionTypes:SOCIAL_LAYER_SKU_PURCHASE_ELIGIBILITY", None, 6, False),
    ("enum_member_added", "PollLayoutTypes:DEFAULT", None, 1, False),
    ("enum_member_added", "GuildFeatures:OFFICIAL_GAME_GUILD", None, "OFFICIAL_GAME_GUILD", False),
    ("field_limit_changed", "CreateGuildInviteRequest.max_age", "integer(0..604800)", "integer(0..5184000)", False),
    ("field_limit_changed", "BlockMessageActionMetadata.custom_message", "string(..150)", "string(..300)", False),
    ("field_type_changed", "MessageResponse.mention_channels", "(?MessageMentionChannelResponse)[]", "MessageMentionChannelResponse[]", False),
    ("field_format_changed", "CreateForumThreadRequest.rate_limit_per_user", "integer(0..21600)", "int32(0..21600)", False),
    ("parameter_added", "GET /invites/{code} query:target_message_id", None, "SnowflakeType", False),
    ("request_content_type_added", "POST /channels/{channel_id}/invites body", None, "multipart/form-data", False),
    ("body_type_changed", f"PUT {BAN} body", "{delete_message_seconds?, delete_message_days?}", "BanUserFromGuildRequest", False),
    ("body_type_changed", f"DELETE {BAN} body", None, "UnbanUserFromGuildRequest", False),
    ("union_member_added", "POST /guilds/{guild_id}/auto-moderation/rules body", None, "UserProfileUpsertRequest", False),
    # What breaks somebody.
    ("route_removed", "POST /guilds", "create_guild", None, True),
    ("route_removed", "DELETE /guilds/{guild_id}", "delete_guild", None, True),
    ("route_removed", "POST /guilds/{guild_id}/mfa", "set_guild_mfa_level", None, True),
    ("schema_removed", "IconEmojiResponse", "object", None, True),
    ("field_removed", "GuildPatchRequestPartial.owner_id", "SnowflakeType", None, True),
    ("field_removed", "UserResponse.clan", "?UserPrimaryGuildResponse", None, True),
    ("field_removed", "MessageCreateRequest.confetti_potion", "?ConfettiPotionCreateRequest", None, True),
    ("enum_member_removed", "AutomodTriggerType:SPAM_LINK", 2, None, True),
    ("field_limit_changed", "ButtonComponentForMessageRequest.custom_id", "string(..100)", "string(1..100)", True),
    ("field_limit_changed", "PATCH /guilds/{guild_id}/members/{user_id} body.roles", "(?SnowflakeType)[..1521 unique]", "(?SnowflakeType)[..350 unique]", True),
    ("parameter_type_changed", "GET /guilds/{guild_id}/audit-logs query:action_type", "integer", "AuditLogActionTypes", True),
    ("field_type_changed", "ResolvedObjectsResponse.members", "map(GuildMemberResponse)", "map(BasicGuildMemberResponse)", True),
    ("response_added", "GET /channels/{channel_id}/threads/search response 202", None, "SearchIndexNotReadyResponse", True),
]  # fmt: skip


def changes(old: str, new: str) -> list[Change]:
    return compared(FILES[old], FILES[new])


def compared(old: Path, new: Path) -> list[Change]:
    with sides.opened([str(old), str(new)], SPEC) as named:
        return compare(*sides.read(named, SPEC))


@pytest.fixture(scope="module", params=["cut", pytest.param("whole", marks=whole)])
def found(request: pytest.FixtureRequest) -> set[tuple[str, str, str, str, bool]]:
    files = CUT if request.param == "cut" else (FILES["2025-05-09"], FILES["2026-07-18"])
    return {(c.kind, c.where, repr(c.old), repr(c.new), c.breaking) for c in compared(*files)}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: f"{row[0]} {row[1]}")
def test_what_is_known_to_have_changed_is_found(
    expected: tuple[str, str, object, object, bool], found: set[tuple[str, str, str, str, bool]]
) -> None:
    kind, where, old, new, breaking = expected

    assert (kind, where, repr(old), repr(new), breaking) in found


@whole
@pytest.mark.parametrize(("old", "new"), list(itertools.product(NAMES, NAMES)))
def test_every_pair_is_compared_in_time_and_only_a_document_equals_itself(old: str, new: str) -> None:
    start = time.perf_counter()

    found = changes(old, new)

    assert time.perf_counter() - start < LIMIT
    assert (old == new) == (found == [])


@whole
@pytest.mark.parametrize(("old", "new"), list(itertools.combinations(NAMES, 2)))
def test_the_other_way_round_added_is_removed(old: str, new: str) -> None:
    def mirrored(kind: str) -> str:
        stem, _, end = kind.rpartition("_")
        return f"{stem}_{_MIRROR.get(end, end)}"

    there, back = changes(old, new), changes(new, old)

    sided = [c for c in there if c.kind.endswith(tuple(_MIRROR))]
    sided_back = [c for c in back if c.kind.endswith(tuple(_MIRROR))]
    # A renamed schema is called by its new name, which is another one on the way back.
    routes = {(mirrored(c.kind), c.where, c.new, c.old) for c in sided if c.kind.startswith("route")}
    assert Counter(mirrored(c.kind) for c in sided) == Counter(c.kind for c in sided_back)
    assert routes == {(c.kind, c.where, c.old, c.new) for c in sided_back if c.kind.startswith("route")}


@whole
def test_the_committed_spec_equals_the_document_that_it_names() -> None:
    with sides.opened([str(SPEC), str(FILES["2026-07-18"])], SPEC) as named:
        assert [] == compare(*sides.read(named, SPEC))
