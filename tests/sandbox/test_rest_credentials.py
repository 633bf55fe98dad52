"""Who may ask for what."""

from base64 import b64encode

import pytest

from acord.routes import OPERATIONS
from acord.sandbox.answers import Answer
from acord.sandbox.calls import Account
from acord.sandbox.rest.credentials import looks_real
from tests.sandbox.rest_kit import TOKEN, Kit

ME = "/api/v10/users/@me"
REAL = f"{b64encode(b'123456789012345678').decode()}.GabcDe.{'a' * 38}"  # the form of a token, and no token


def refused(answer: Answer) -> tuple[int, object]:
    body = answer.body
    assert isinstance(body, dict)
    return answer.status, body["code"]


@pytest.mark.parametrize(
    "header",
    [None, "", "Bot", "Bot ", TOKEN, f"Bearer {TOKEN}", "Bot wrong", f"Robot {TOKEN}", "Basic !!!", "Basic /w=="],
)
def test_without_a_credential_that_is_known_it_is_a_401(header: str | None) -> None:
    answer = Kit().send("GET", ME, authorization=header)

    assert (401, {"message": "401: Unauthorized", "code": 0}) == answer[:2]


def test_the_word_before_a_token_may_be_written_in_any_case() -> None:
    assert 200 == Kit().send("GET", ME, authorization=f"bot  {TOKEN}").status


def test_a_bearer_token_needs_one_of_the_scopes() -> None:
    kit = Kit()
    kit.bearer("alices", "identify")
    kit.bearer("bobs", "email")

    assert 200 == kit.send("GET", ME, authorization="Bearer alices").status
    assert (403, 50026) == refused(kit.send("GET", "/api/v10/users/@me/connections", authorization="Bearer bobs"))


def test_a_bot_is_told_where_only_users_may() -> None:
    name = next(name for name, operation in OPERATIONS.items() if operation.auth == ("bearer",))
    operation = OPERATIONS[name]
    path = "/".join("1" if part[:1] == "{" else part for part in operation.path.split("/"))

    assert (403, 20001) == refused(Kit().send(operation.method, f"/api/v10{path}"))


def test_a_user_is_told_where_only_bots_may() -> None:
    kit = Kit()
    kit.bearer("alices", "identify")

    assert (403, 20002) == refused(kit.send("GET", "/api/v10/channels/1", authorization="Bearer alices"))


def test_where_no_credential_is_needed_none_is_asked_for() -> None:
    kit = Kit()

    kit.send("POST", "/api/v10/webhooks/1/secret", {"content": "hi"}, authorization=None)

    assert kit.calls[0].account is None


def test_where_none_is_needed_a_bot_may_still_say_who_it_is() -> None:
    kit = Kit()

    kit.send("GET", "/api/v10/gateway")

    assert kit.calls[0].account == kit.world.accounts[TOKEN]


def test_an_application_is_known_by_its_id_and_secret() -> None:
    kit = Kit()
    kit.world.accounts["1:hush"] = Account("basic", "1", "1")
    form = {"content_type": "application/x-www-form-urlencoded"}
    header = f"Basic {b64encode(b'1:hush').decode()}"

    kit.send("POST", "/api/v10/oauth2/token", b"grant_type=client_credentials", authorization=header, **form)

    assert kit.calls[0].account == kit.world.accounts["1:hush"]


def test_the_secrets_of_a_path_do_not_show() -> None:
    kit = Kit()

    kit.send("POST", "/api/v10/webhooks/1/s3cr3t", {"content": "hi"}, authorization=None)

    assert "s3cr3t" == kit.calls[0].path["webhook_token"]
    assert "s3cr3t" not in repr(kit.calls[0].path)


@pytest.mark.parametrize("header", [f"Bot {REAL}", f"Bearer {REAL}", REAL])
def test_a_token_that_looks_real_is_refused_with_the_reason(header: str) -> None:
    answer = Kit().send("GET", ME, authorization=header)

    assert 401 == answer.status
    assert "looks like one of the real Discord's" in str(answer.body)
    assert REAL not in str(answer)


def test_a_token_that_looks_real_is_taken_where_that_was_asked_for() -> None:
    kit = Kit(real_tokens=True)
    kit.world.accounts[REAL] = kit.world.accounts[TOKEN]

    assert 200 == kit.send("GET", ME, authorization=f"Bot {REAL}").status


@pytest.mark.parametrize(
    "token", [TOKEN, "a.b.c", "", f"{b64encode(b'not-an-id-not-an-id').decode()}.abcdef.{'a' * 30}"]
)
def test_other_tokens_do_not_look_real(token: str) -> None:
    assert not looks_real(token)
