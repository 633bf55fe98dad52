"""Error codes, flags and the content network: a few lines of spec each, and what becomes of them."""

import ast
import json
from pathlib import Path

import pytest

from codegen import allowed, restsignals
from codegen.errors import SpecError
from codegen.filters import environment

SPEC = {
    "errors.yaml": """source: https://x/e
codes:
  GENERAL_ERROR: 0
  UNKNOWN_CHANNEL: 10003
hints:
  UNKNOWN_CHANNEL: Look.
""",
    "flags.yaml": """classes:
  Permissions:
    doc: What a role grants.
    source: https://x/p
    wire: decimal string
    members:
      SEND: {bit: 1, kinds: [T, V]}
      SEND_IN_THREADS: {bit: 2, kinds: [T]}
      KICK: {bit: 5, two_factor: true}
  MessageFlags:
    doc: Of a message.
    source: https://x/m
    members:
      URGENT: 4
permissions:
  source: https://x/p
  kinds:
    T: {GUILD_TEXT: 0}
    V: {GUILD_VOICE: 2}
  threads: {PUBLIC_THREAD: 11}
  timed_out_keeps: [SEND]
  denied_without:
    SEND: [KICK]
  denied_without_in_voice:
    SEND: [SEND_IN_THREADS]
  in_threads:
    SEND: SEND_IN_THREADS
""",
    "cdn.yaml": """source: https://x/c
hosts: {cdn: "https://c", media: "https://m"}
formats:
  png: [png]
  jpeg: [jpg, jpeg]
  gif: [gif]
sizes: {least: 16, most: 64}
endpoints:
  user_avatar:
    doc: An avatar.
    path: avatars/{user_id}/{avatar}
    formats: [png, jpeg, gif]
    animated: hash
  sticker:
    doc: A sticker.
    path: stickers/{sticker_id}
    formats: [png, gif]
    sized: false
    host: {gif: media}
""",
}


def render(folder: Path, templates: restsignals.Templates | None = None, **changes: str) -> dict[str, str]:
    for name, text in SPEC.items():
        (folder / name).write_text(changes.get(name.removesuffix(".yaml"), text))
    return dict(restsignals.render(folder, environment(), templates))


def refused(folder: Path, file: str, old: str, new: str) -> str:
    text = SPEC[f"{file}.yaml"]
    assert old in text
    with pytest.raises(SpecError) as caught:
        render(folder, **{file: text.replace(old, new)})
    return str(caught.value)


def test_a_code_is_a_member_a_name_of_the_module_and_may_have_a_hint(tmp_path: Path) -> None:
    text = render(tmp_path)["acord/core/signals/rest.py"]

    assert "    UNKNOWN_CHANNEL = 10003\n" in text
    assert "UNKNOWN_CHANNEL: Final = ErrorCode.UNKNOWN_CHANNEL\n" in text
    assert '    ErrorCode.UNKNOWN_CHANNEL: (\n        "Look."\n    ),\n' in text
    assert "TEMPLATES" not in text


def test_the_templates_of_routes_come_with_the_codes_where_they_are_given(tmp_path: Path) -> None:
    files = render(tmp_path, {"get_x": ("GET", "/x/{x_id}", "xs")})

    assert '    "get_x": ("GET", "/x/{x_id}", "xs"),\n' in files["acord/core/signals/templates.py"]
    assert "import TEMPLATES as TEMPLATES\n" in files["acord/core/signals/rest.py"]


def test_a_long_hint_is_cut_at_blanks_and_joined_by_python(tmp_path: Path) -> None:
    hint = " ".join(["word"] * 60)

    text = render(tmp_path, errors=SPEC["errors.yaml"].replace("Look.", hint))["acord/core/signals/rest.py"]

    table = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Dict))
    assert [hint] == [ast.literal_eval(value) for value in table.values]
    assert max(map(len, text.splitlines())) <= 120


def test_permissions_travel_as_digits_and_other_flags_do_not(tmp_path: Path) -> None:
    text = render(tmp_path)["acord/flags.py"]

    assert "class Permissions(DigitFlags):" in text
    assert "class MessageFlags(OpenFlags):" in text
    assert "    URGENT = 1 << 4\n" in text


def test_a_permission_says_where_it_may_be_granted(tmp_path: Path) -> None:
    text = render(tmp_path)["acord/flags.py"]

    assert '    SEND = 1 << 1\n    """In text and voice channels."""\n' in text
    assert '    KICK = 1 << 5\n    """In the guild as a whole. Needs two-factor authentication' in text


def test_what_is_said_of_permissions_becomes_masks(tmp_path: Path) -> None:
    text = render(tmp_path)["acord/flags.py"]
    spaces: dict[str, object] = {}
    exec(  # noqa: S102  # the tables alone, as the module has them
        "\n".join(ast.unparse(n) for n in ast.parse(text).body if isinstance(n, ast.AnnAssign)),
        {"Final": list, "Mapping": dict, "Set": set},
        spaces,
    )

    assert (0b100110, 0b110) == (spaces["ALL_PERMISSIONS"], spaces["CHANNEL_PERMISSIONS"])
    assert ({"T": 6, "V": 2}, {0: "T", 2: "V"}) == (spaces["PERMISSIONS_BY_KIND"], spaces["CHANNEL_KINDS"])
    assert ({11}, 2) == (spaces["THREAD_TYPES"], spaces["TIMED_OUT_KEEPS"])
    assert ({2: 32}, {2: 4}, {2: 4}) == (
        spaces["DENIED_WITHOUT"],
        spaces["DENIED_WITHOUT_IN_VOICE"],
        spaces["STANDS_FOR_IN_THREADS"],
    )


def test_a_builder_takes_what_its_path_and_formats_say(tmp_path: Path) -> None:
    text = render(tmp_path)["acord/cdn.py"]
    functions = {n.name: ast.unparse(n.args) for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}

    assert (
        "user_id: SnowflakeLike, avatar: str, *, format: Literal['auto', 'png', 'jpg', 'jpeg', 'gif']='auto', "
        "size: int | None=None, animated: bool | None=None"
    ) == functions["user_avatar"]
    assert "sticker_id: SnowflakeLike, *, format: Literal['auto', 'png', 'gif']='auto'" == functions["sticker"]
    assert 'hosts={"gif": "https://m"}' in text


def test_the_modules_pass_the_list_of_what_generated_code_may_hold(tmp_path: Path) -> None:
    for path, text in render(tmp_path).items():
        allowed.check(path, text)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("errors", "10003", "0", "errors.yaml:4: codes.UNKNOWN_CHANNEL: 0 is GENERAL_ERROR already"),
        ("errors", "GENERAL_ERROR: 0", "GENERAL_ERROR: 99999", "the codes are sorted"),
        ("errors", "GENERAL_ERROR", "general", "UPPER_SNAKE_CASE"),
        ("errors", "  UNKNOWN_CHANNEL: Look.", "  UNKNOWN_CHANEL: Look.", "did you mean 'UNKNOWN_CHANNEL'?"),
        ("flags", "URGENT: 4", "URGENT: 64", "out of range"),
        ("flags", "URGENT: 4", "URGENT: 4\n      LATE: 4", "bit 4 is URGENT"),
        ("flags", "URGENT: 4", "import os: 4", "UPPER_SNAKE_CASE"),
        ("flags", "kinds: [T, V]", "kinds: [X]", "'X' is none of T, V, S"),
        ("flags", "[SEND]", "[SNED]", "'SNED' is no permission"),
        ("flags", "wire: decimal string", "wire: bytes", "decimal string"),
        ("flags", "MessageFlags", "Message Flags", "expected the name of a class"),
        ("cdn", "formats: [png, gif]", "formats: [png, bmp]", "'bmp' is none of png, jpeg, gif"),
        ("cdn", "animated: hash", "animated: always", "expected `hash` or `argument`"),
        ("cdn", "stickers/{sticker_id}", "../{sticker_id}", "relative to the host"),
        ("cdn", "most: 64", "most: 65", "65 is no power of two"),
        ("cdn", "{gif: media}", "{gif: elsewhere}", "this key is missing"),
    ],
)
def test_a_spec_that_contradicts_itself_is_refused_at_its_line(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    assert said in refused(tmp_path, file, old, new)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    evil = 'x\\"""\nimport os\nos.system(1) #'
    changed = SPEC["errors.yaml"].replace("Look.", json.dumps(evil)).replace("https://x/e", json.dumps(evil))

    text = render(tmp_path, errors=changed)["acord/core/signals/rest.py"]

    allowed.check("acord/core/signals/rest.py", text)
    assert not any(isinstance(n, ast.Import | ast.Call) for n in ast.walk(ast.parse(text)))
