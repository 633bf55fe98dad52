import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st

from acord.core import abc
from acord.core.errors import InvalidRequest
from acord.core.operation import Operation, Pagination, Parameter
from acord.core.shapes import Array, Boolean, Enum, Id, Integer, Map, Nullable, Object, Shape, String
from acord.core.types import MISSING, File, Snowflake

CHANNEL = Parameter("channel_id", "path", Id())
ATTACHMENT = Object("Attachment", {"id": Id()}, {"filename": String(), "description": Nullable(String(max=1024))})
MESSAGE = Object(
    "MessageCreate",
    {},
    {
        "content": Nullable(String(max=4000)),
        "attachments": Nullable(Array(ATTACHMENT, max=10)),
        "from": String(max=3),
        "tts": Boolean(),
    },
)
CREATE = Operation(
    "create_message",
    "POST",
    "/channels/{channel_id}/messages",
    parameters=[CHANNEL],
    body=MESSAGE,
    body_required=True,
    media=("json", "form", "multipart"),
    returns={200: "Message"},
    files="files[n]",
    alias={"from": "from_"},
)
EDIT = Operation(
    "update_message",
    "PATCH",
    "/channels/{channel_id}/messages/{message_id}",
    parameters=[CHANNEL, Parameter("message_id", "path", Id())],
    body=MESSAGE,
    returns={200: "Message"},
    files="files[n]",
)
LIST = Operation(
    "list_messages",
    "GET",
    "/channels/{channel_id}/messages",
    parameters=[
        CHANNEL,
        Parameter("before", "query", Id()),
        Parameter("limit", "query", Integer(1, 100)),
        Parameter("nested", "query", Boolean()),
        Parameter("ids", "query", Array(Id())),
        Parameter("sku_ids", "query", Array(Id()), style="comma"),
    ],
    returns={200: "list[Message]"},
    paginates=Pagination(("before", "after"), key="id", limit=100, order="newest_first"),
)
SEARCH = Operation(
    "search",
    "GET",
    "/search",
    parameters=[Parameter("query", "query", String(1), required=True), Parameter("limit", "query", Integer())],
    returns={200: "Found", 202: "NotReady"},
)
REACT = Operation(
    "add_reaction",
    "PUT",
    "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me",
    parameters=[
        CHANNEL,
        Parameter("message_id", "path", Id()),
        Parameter("emoji_name", "path", String()),
    ],
    returns={204: None},
)
DELETE = Operation(
    "delete_message",
    "DELETE",
    "/channels/{channel_id}/messages/{message_id}",
    parameters=[CHANNEL, Parameter("message_id", "path", Id())],
    returns={204: None},
    reason=True,
)
CALLBACK = Operation(
    "create_interaction_response",
    "POST",
    "/interactions/{interaction_id}/{interaction_token}/callback",
    auth=(),
    parameters=[Parameter("interaction_id", "path", Id()), Parameter("interaction_token", "path", String())],
    body=Object("Callback", {"type": Enum("CallbackType", 4)}, {"data": MESSAGE}),
    body_required=True,
    files="files[n]",
    attachments="data.attachments",
    major=("interaction_id", "interaction_token"),
)
STICKER = Operation("create_sticker", "POST", "/stickers", body=Object("S", {"name": String()}), files="file")


# ---- paths


def test_path_parameters_take_their_places() -> None:
    route = EDIT.route({"channel_id": 1, "message_id": Snowflake(2)}, {}, {"content": "x"})

    assert ("PATCH", "/channels/1/messages/2") == (route.method, route.path)
    assert "/channels/{channel_id}/messages/{message_id}" == route.template
    assert {"channel_id": "1", "message_id": "2"} == route.bucket


@pytest.mark.parametrize("value", ["../users/@me", "1/2", "1?x=1", "", "abc", None, -1, 2**64, "@me"])
@pytest.mark.parametrize("validate", [True, False])
def test_T15_a_snowflake_in_a_path_is_digits_whatever_else_is_allowed(value: object, validate: bool) -> None:
    with pytest.raises(InvalidRequest, match=r"^channel_id: "):
        LIST.route({"channel_id": value}, {}, validate=validate)


def test_a_path_parameter_that_was_forgotten_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"^message_id: .*got nothing"):
        DELETE.route({"channel_id": 1}, {})


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_T15_text_in_a_path_stays_one_segment(name: str) -> None:
    if name in (".", ".."):
        with pytest.raises(InvalidRequest, match=r"^emoji_name: "):
            REACT.route({"channel_id": 1, "message_id": 2, "emoji_name": name}, {})
        return

    route = REACT.route({"channel_id": 1, "message_id": 2, "emoji_name": name}, {})

    assert 7 == len(route.paths)
    assert route.path.endswith("/@me")
    assert name == route.bucket["emoji_name"]


# ---- queries


def test_a_query_keeps_what_is_falsy_and_leaves_out_what_is_not_given() -> None:
    route = LIST.route({"channel_id": 1}, {"before": 0, "nested": False, "limit": MISSING, "ids": None})

    assert (("before", "0"), ("nested", "false")) == route.query


def test_arrays_repeat_their_key_unless_the_spec_says_commas() -> None:
    route = LIST.route({"channel_id": 1}, {"ids": [1, "2"], "sku_ids": [3, 4]})

    assert (("ids", "1"), ("ids", "2"), ("sku_ids", "3,4")) == route.query
    assert route.url.endswith("?ids=1&ids=2&sku_ids=3%2C4")


def test_an_empty_list_is_no_part_of_the_query() -> None:
    assert () == LIST.route({"channel_id": 1}, {"ids": [], "sku_ids": []}).query


def test_a_body_that_is_no_object_is_complained_of_as_items() -> None:
    tags = Operation("tag", "PUT", "/tags", body=Nullable(Array(String(2))))
    names = Operation("name", "PUT", "/names", body=Map(String(2)))

    with pytest.raises(InvalidRequest, match=r"^items: expected a list"):
        tags.route({}, {}, {"a": "bc"})
    with pytest.raises(InvalidRequest, match=r"^items: expected a list"):
        tags.route({}, {}, "abc")
    with pytest.raises(InvalidRequest, match=r"^items\[1\]: expected string"):
        tags.route({}, {}, ["abc", ""])
    with pytest.raises(InvalidRequest, match=r"^items\['a'\]: expected string"):
        names.route({}, {}, {"a": ""})


def test_a_query_is_checked_against_its_limits() -> None:
    with pytest.raises(InvalidRequest, match=r"^limit: expected integer\(1\.\.100\), got the integer 101"):
        LIST.route({"channel_id": 1}, {"limit": 101})


def test_without_validation_a_query_is_left_to_discord() -> None:
    assert (("limit", "101"),) == LIST.route({"channel_id": 1}, {"limit": 101}, validate=False).query


@pytest.mark.parametrize("value", [MISSING, None])
def test_a_required_query_parameter_is_asked_for(value: object) -> None:
    with pytest.raises(InvalidRequest, match=r"^query: "):
        SEARCH.route({}, {"query": value, "limit": 5})


def test_an_unknown_query_parameter_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"^lim: expected a query parameter of list_messages"):
        LIST.route({"channel_id": 1}, {"lim": 1})


# ---- bodies


def test_a_body_tells_absent_null_and_value_apart() -> None:
    route = CREATE.route({"channel_id": 1}, {}, {"content": None, "tts": False, "attachments": MISSING})

    assert {"content": None, "tts": False} == route.body


def test_a_body_without_fields_is_sent_only_where_one_is_required() -> None:
    assert {} == CREATE.route({"channel_id": 1}, {}, {"content": MISSING}).body
    assert MISSING is EDIT.route({"channel_id": 1, "message_id": 2}, {}, {"content": MISSING}).body


def test_a_body_is_checked_and_the_argument_named_as_python_names_it() -> None:
    with pytest.raises(InvalidRequest, match=r"^from_: expected string\(\.\.3\), got a string of 4 characters"):
        CREATE.route({"channel_id": 1}, {}, {"from": "abcd"})


def test_without_validation_limits_of_a_body_are_left_to_discord() -> None:
    route = CREATE.route({"channel_id": 1}, {}, {"from": "abcd", "new": Snowflake(1)}, validate=False)

    assert {"from": "abcd", "new": "1"} == route.body


def test_an_array_body_is_called_items() -> None:
    operation = Operation("bulk", "PUT", "/x", body=Array(MESSAGE))

    with pytest.raises(InvalidRequest, match=r"^items\[1\]\.tts: "):
        operation.route({}, {}, [{}, {"tts": 1}])


def test_a_body_for_an_operation_without_one_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no body: list_messages takes none"):
        LIST.route({"channel_id": 1}, {}, {"content": "x"})


# ---- files


def file(name: str, description: str | None = None) -> File:
    return File(b"x", name, description=description)


def test_files_get_the_part_names_of_the_operation() -> None:
    route = CREATE.route({"channel_id": 1}, {}, {}, files=[file("a.png"), file("b.png")])

    assert ["files[0]", "files[1]"] == [name for name, _ in route.parts]
    assert {} == route.body


def test_one_file_may_stand_alone_where_the_operation_takes_one() -> None:
    route = STICKER.route({}, {}, {"name": "x"}, files=file("a.png"))

    assert ["file"] == [name for name, _ in route.parts]
    with pytest.raises(InvalidRequest, match=r"^file: expected one file"):
        STICKER.route({}, {}, {"name": "x"}, files=[file("a"), file("b")])


def test_a_description_brings_the_list_of_attachments() -> None:
    route = CREATE.route({"channel_id": 1}, {}, {}, files=[file("a.png", "a cat"), file("b.png")])

    assert {
        "attachments": [{"id": 0, "filename": "a.png", "description": "a cat"}, {"id": 1, "filename": "b.png"}]
    } == route.body


def test_new_files_join_a_list_of_attachments_that_was_given() -> None:
    given = [{"id": 55}, {"id": 1, "description": "mine"}]

    route = EDIT.route(
        {"channel_id": 1, "message_id": 2},
        {},
        {"attachments": given},
        files=[file("a.png", "a cat"), file("b.png", "theirs")],
    )

    assert [
        {"id": "55"},
        {"id": "1", "description": "mine"},
        {"id": 0, "filename": "a.png", "description": "a cat"},
    ] == route.body["attachments"]
    assert [{"id": 55}, {"id": 1, "description": "mine"}] == given


def test_an_edit_never_writes_a_list_that_would_delete_what_is_there() -> None:
    message = {"channel_id": 1, "message_id": 2}

    with pytest.raises(InvalidRequest, match=r"^attachments: expected the attachments to keep"):
        EDIT.route(message, {}, {"content": "x"}, files=[file("a.png", "a cat")])
    assert {"content": "x"} == EDIT.route(message, {}, {"content": "x"}, files=[file("a.png")]).body


def test_new_files_are_listed_where_all_old_ones_go() -> None:
    for nothing in (None, []):
        body = {"attachments": nothing}
        route = EDIT.route({"channel_id": 1, "message_id": 2}, {}, body, files=[file("a.png")])

        assert {"attachments": [{"id": 0, "filename": "a.png"}]} == route.body


def test_an_interactions_attachments_lie_in_its_data() -> None:
    where = {"interaction_id": 1, "interaction_token": "secret"}

    route = CALLBACK.route(where, {}, {"type": 4, "data": {"content": "x"}}, files=[file("a.png", "a cat")])

    assert [{"id": 0, "filename": "a.png", "description": "a cat"}] == route.body["data"]["attachments"]


@pytest.mark.parametrize("files", [[5], [b"bytes without a name"], 5])
def test_what_is_no_file_is_refused_by_place(files: object) -> None:
    with pytest.raises(InvalidRequest, match=r"^files\[0\]: expected a File"):
        CREATE.route({"channel_id": 1}, {}, {}, files=files)


def test_files_for_an_operation_without_them_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="no files"):
        LIST.route({"channel_id": 1}, {}, files=[file("a")])


# ---- reasons


def test_a_reason_goes_along_where_the_operation_takes_one() -> None:
    assert "spam" == DELETE.route({"channel_id": 1, "message_id": 2}, {}, reason="spam").reason
    assert DELETE.route({"channel_id": 1, "message_id": 2}, {}, reason=MISSING).reason is None


@pytest.mark.parametrize("reason", ["", "x" * 513, 5])
def test_a_reason_has_1_to_512_characters(reason: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"^reason: expected string\(1\.\.512\)"):
        DELETE.route({"channel_id": 1, "message_id": 2}, {}, reason=reason)


def test_a_reason_that_nobody_would_read_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="writes nothing to the audit log"):
        CREATE.route({"channel_id": 1}, {}, {}, reason="why")


# ---- what an operation knows


def test_the_answers_type_depends_on_the_status() -> None:
    route = SEARCH.route({}, {"query": "x"})

    assert ["Found", "NotReady", MISSING] == [route.returns_for(status) for status in (200, 202, 404)]
    assert "Found" == route.returns
    assert "Found" == route.returns_for(201)
    assert DELETE.route({"channel_id": 1, "message_id": 2}, {}).returns_for(204) is None


def test_only_post_is_not_idempotent_unless_the_spec_says_so() -> None:
    assert [False, True, True] == [CREATE.idempotent, EDIT.idempotent, DELETE.idempotent]
    assert Operation("x", "POST", "/x", idempotent=True).idempotent


def test_a_page_is_turned_by_other_values_in_the_query() -> None:
    route = LIST.paginated_route({"channel_id": 1}, {"limit": 50})

    turned = route.turn(before=77)

    assert isinstance(turned, abc.PaginatedRoute)
    assert (("limit", "50"), ("before", "77")) == turned.query
    assert (("limit", "50"),) == turned.turn(before=None).query
    assert "id" == route.pagination.key


def test_operations_and_their_routes_go_to_other_processes() -> None:
    route = LIST.paginated_route({"channel_id": 1}, {"limit": 50})

    other = pickle.loads(pickle.dumps(route))  # noqa: S301

    assert route == other
    assert LIST == other.operation
    assert (("limit", "50"), ("before", "7")) == other.turn(before=7).query


def test_the_repr_of_an_operation_is_a_line() -> None:
    assert "<Operation list_messages: GET /channels/{channel_id}/messages>" == repr(LIST)


def test_an_operation_does_not_change() -> None:
    with pytest.raises(AttributeError, match="does not change"):
        LIST.name = "x"


@given(
    st.dictionaries(
        st.sampled_from(["content", "tts", "from", "attachments", "x"]), st.none() | st.text() | st.booleans()
    )
)
def test_H_a_route_is_made_or_the_argument_named(body: dict[str, object]) -> None:
    for validate in (True, False):
        try:
            route = CREATE.route({"channel_id": 1}, {}, body, validate=validate)
        except InvalidRequest as error:
            assert error.argument.removesuffix("_") in body
        else:
            assert set(route.body) <= set(body)


def test_a_shape_of_ones_own_is_enough() -> None:
    class Even(Shape):
        __slots__ = ()

        def check(self, value: object, where: str) -> Any:
            if isinstance(value, int) and value % 2 == 0:
                return value
            raise InvalidRequest(where, value, "an even number")

    operation = Operation("x", "GET", "/x", parameters=[Parameter("n", "query", Even())])

    assert (("n", "2"),) == operation.route({}, {"n": 2}).query
