"""Refusals and failures that Discord, or what stands before it, sends in good order."""

import asyncio
from typing import Any

import pytest

from acord.core import errors
from acord.core.call import Attempt
from acord.core.hook_events import RetryScheduled
from acord.core.hooks import Hooks
from acord.core.types import Token
from acord.sandbox.faults import answer, honest, reset, stall, wait_for
from tests.core.http_kit import GET_ME, TOKEN, awaited
from tests.gauntlet.kit import CREATE, OK, Rest, limited, refused
from tests.turning import until

UNAUTHORIZED = answer(401, {"message": "401: Unauthorized", "code": 0})


async def test_R21_a_401_is_not_repeated_and_nothing_more_is_sent_with_that_token(rest: Any) -> None:
    r: Rest = await rest(UNAUTHORIZED, OK)

    for _ in range(3):
        with pytest.raises(errors.Unauthorized):
            await r.get()

    assert 1 == len(r.server.seen)


async def test_R21_what_waits_in_queues_fails_at_once_with_the_same_error(rest: Any) -> None:
    r: Rest = await rest(answer(200, {"id": "7", "username": "a"}, limited(0, 500.0, limit=1)), UNAUTHORIZED)
    await r.create()
    waiting = [r.start(r.create()) for _ in range(3)]
    await until(lambda: r.limiter.awaiting_requests == 3)

    with pytest.raises(errors.Unauthorized):
        await r.get()

    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [errors.Unauthorized] * 3 == [type(one) for one in results]
    assert r.time.passed < 500
    assert 3 == len({id(one) for one in results})


async def test_R21_what_pauses_before_another_attempt_fails_at_once_too(rest: Any) -> None:
    r: Rest = await rest(answer(503, None, {"Retry-After": "500"}), UNAUTHORIZED)
    pausing = r.start(r.create())
    await until(lambda: 500 in r.time.slept)

    with pytest.raises(errors.Unauthorized):
        await r.get()

    with pytest.raises(errors.Unauthorized):
        await pausing
    assert r.time.passed < 500


@pytest.mark.parametrize("token", ["another-token", TOKEN])
async def test_R21_P10_a_token_that_is_assigned_at_run_time_is_used_from_then_on(rest: Any, token: str) -> None:
    r: Rest = await rest(UNAUTHORIZED, OK)
    with pytest.raises(errors.Unauthorized):
        await r.get()

    r.http.token = token

    assert 7 == (await r.get()).id
    assert f"Bot {token}" == r.server.seen[-1].headers["authorization"]


async def test_R21_other_credentials_are_not_held_back(rest: Any) -> None:
    r: Rest = await rest(UNAUTHORIZED, OK)
    with pytest.raises(errors.Unauthorized):
        await r.get()

    assert 7 == (await r.get(auth=Token.bearer("another"))).id


async def test_R21_a_bearer_tokens_401_may_mean_a_scope_and_holds_nothing_back(rest: Any) -> None:
    r: Rest = await rest(UNAUTHORIZED, OK)
    with pytest.raises(errors.Unauthorized):
        await r.get(auth=Token.bearer("another"))

    assert 7 == (await r.get(auth=Token.bearer("another"))).id


@pytest.mark.parametrize(("status", "kind", "invalid"), [(403, errors.Forbidden, 1), (404, errors.NotFound, 0)])
async def test_R22_a_refusal_is_raised_once_and_counted_where_discord_counts_it(
    rest: Any, status: int, kind: type[errors.HTTPError], invalid: int
) -> None:
    r: Rest = await rest(answer(status, {"message": "No.", "code": 50001}))

    with pytest.raises(kind):
        await r.get()

    assert (1, invalid) == (len(r.server.seen), r.limiter.current_requests)


async def test_R22_a_404_to_a_delete_that_was_repeated_means_that_it_had_worked(rest: Any) -> None:
    r: Rest = await rest(reset, answer(404, {"message": "Unknown Message", "code": 10008}))

    assert await r.delete() is None
    assert 2 == len(r.server.seen)


async def test_R22_a_404_to_the_first_delete_is_a_404(rest: Any) -> None:
    r: Rest = await rest(answer(404, {"message": "Unknown Message", "code": 10008}))

    with pytest.raises(errors.NotFound):
        await r.delete()


async def test_R22_a_404_after_a_429_is_a_404(rest: Any) -> None:
    r: Rest = await rest(refused(1.0), answer(404, {"message": "Unknown Message", "code": 10008}))

    with pytest.raises(errors.NotFound):
        await r.delete()


BANS = {
    "html": answer(429, b"<html>error 1015</html>", {"Via": None}, kind="text/html"),  # type: ignore[dict-item]
    "text": answer(429, b"error code: 1015", {"Via": None}, kind="text/plain"),  # type: ignore[dict-item]
    "json": answer(429, {"message": "You are being blocked", "code": 0}, {"Via": None}),  # type: ignore[dict-item]
    "forbidden": answer(403, b"<html>1020</html>", {"Via": None}, kind="text/html"),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("form", [pytest.param(form, id=f"R{27 if form == 'json' else 26} {form}") for form in BANS])
async def test_R26_R27_a_ban_is_an_error_at_once_and_ends_all_sending(rest: Any, form: str) -> None:
    r: Rest = await rest(BANS[form], OK)

    with pytest.raises(errors.CloudflareBan) as caught:
        await r.get()
    with pytest.raises(errors.CloudflareBan):
        await r.create(max_wait=30.0)

    assert (60.0, 1) == (caught.value.retry_after, len(r.server.seen))


async def test_R26_after_a_ban_one_tries_first_and_then_all_go_on(rest: Any) -> None:
    r: Rest = await rest(BANS["html"], OK)
    with pytest.raises(errors.CloudflareBan):
        await r.get()

    await asyncio.gather(*(r.create(channel=number) for number in range(5)))

    assert r.time.passed >= 60
    assert 6 == len(r.server.seen)


async def test_R26_a_ban_ends_what_waits_less_long(rest: Any) -> None:
    gate = asyncio.Event()
    r: Rest = await rest(honest(wait_for(gate), BANS["html"]), OK)
    first, second = r.start(r.create()), r.start(r.create(max_wait=20.0))
    await until(lambda: r.server.seen)

    gate.set()
    results = await asyncio.gather(first, second, return_exceptions=True)

    assert [errors.CloudflareBan] * 2 == [type(one) for one in results]
    assert (1, 0) == (len(r.server.seen), r.limiter.awaiting_requests)


@pytest.mark.parametrize("status", [502, 503])
async def test_R33_what_discord_did_not_carry_out_is_repeated_for_any_method(rest: Any, status: int) -> None:
    r: Rest = await rest(answer(status, b"<html>", kind="text/html"), OK)

    assert 7 == (await r.post()).id


@pytest.mark.parametrize("status", [500, 504, 520, 521, 522, 523, 524, 529, 530])
async def test_R33_what_is_in_doubt_is_repeated_only_where_that_is_safe(rest: Any, status: int) -> None:
    failure = answer(status, b"<html>", kind="text/html")
    r: Rest = await rest(failure, OK, failure)

    assert 7 == (await r.get()).id
    with pytest.raises(errors.ServerError) as caught:
        await r.post()

    assert (status, 1, 3) == (caught.value.status, caught.value.attempts, len(r.server.seen))


async def test_R33_after_five_attempts_it_is_over(rest: Any) -> None:
    r: Rest = await rest(answer(500))

    with pytest.raises(errors.ServerError) as caught:
        await r.get()

    assert (5, [0.25, 0.5, 1.0, 2.0]) == (caught.value.attempts, r.time.slept)


async def test_R33_a_503_says_when_to_come_back(rest: Any) -> None:
    r: Rest = await rest(answer(503, None, {"Retry-After": "7"}), OK)

    await r.get()

    assert [7.0] == r.time.slept


async def test_R33_a_message_carries_one_nonce_over_all_its_attempts(rest: Any) -> None:
    r: Rest = await rest(answer(500), reset, OK)

    assert 7 == (await r.create()).id

    bodies = {seen.body for seen in r.server.seen}
    assert 3 == len(r.server.seen)
    assert [b'{"content":"hi","nonce":"4611686018427388416","enforce_nonce":true}'] == list(bodies)


async def test_R33_two_messages_have_two_nonces(rest: Any) -> None:
    r: Rest = await rest(OK, random=iter([0.1, 0.2, 0.3, 0.4]).__next__)

    await r.create()
    await r.create()

    assert 2 == len({seen.body for seen in r.server.seen})


async def test_R33_a_nonce_of_the_users_own_stays_and_is_repeated_only_if_it_is_enforced(rest: Any) -> None:
    r: Rest = await rest(answer(500), OK)

    with pytest.raises(errors.ServerError):
        await r.create(body={"content": "hi", "nonce": "mine"})

    assert [b'{"content":"hi","nonce":"mine"}'] == [seen.body for seen in r.server.seen]


async def test_R33_a_retry_is_told_of_when_its_pause_begins(rest: Any) -> None:
    told = list[tuple[float, RetryScheduled]]()
    r: Rest = await rest(answer(503, None, {"Retry-After": "90"}), OK)
    r.http.hooks.add(RetryScheduled, lambda event: told.append((r.time.passed, event)))

    await r.get()

    ((when, event),) = told
    assert when < 1
    assert (90.0, 503) == (event.delay, event.status)


async def test_R34_in_an_outage_there_is_about_one_attempt_a_call_and_it_ends_by_itself(rest: Any) -> None:
    r: Rest = await rest(answer(500), ratelimiter=None)
    for _ in range(100):
        with pytest.raises(errors.ServerError):
            await r.get()
    calls = len(r.server.seen)

    r.server.scripts = (*[honest(OK)] * 10, honest(answer(500)), honest(OK))
    r.server.turn = 0
    for _ in range(20):
        await r.get()

    assert 100 < calls <= 100 + 500 // 10
    assert 21 == len(r.server.seen) - calls


@pytest.mark.parametrize(
    "location", ["/elsewhere", "https://other.example/x?token=canary", "http://127.0.0.1:1/x", "/api/v10/users/@me"]
)
async def test_R35_T6_a_redirect_is_an_error_and_is_not_followed(rest: Any, location: str) -> None:
    r: Rest = await rest(answer(302, None, {"Location": location}))

    with pytest.raises(errors.HTTPError, match="redirects are not followed") as caught:
        await r.get()

    assert 1 == len(r.server.seen)
    assert "canary" not in str(caught.value)


async def test_a_search_whose_index_is_being_built_waits_as_long_as_discord_says(rest: Any) -> None:
    building = answer(202, {"message": "Index not yet available", "code": 110000, "retry_after": 4})
    r: Rest = await rest(building, answer(202, {"code": 110000, "retry_after": 0}), answer(200, {"total_results": 0}))

    assert {"total_results": 0} == await r.raw("/guilds/1/messages/search")
    assert [4.0, 0.5] == r.time.slept


async def test_entering_a_call_gives_the_answer_after_the_retries(rest: Any) -> None:
    r: Rest = await rest(answer(502), answer(404, {"message": "No.", "code": 1}))

    async with r.http.request(GET_ME.route({}, {})) as response:
        assert (404, 2) == (response.status, response.attempts)


async def test_a_call_that_must_end_by_its_deadline_does_not_pause_beyond(rest: Any) -> None:
    r: Rest = await rest(answer(503, None, {"Retry-After": "20"}))

    with pytest.raises(errors.ServerError):
        await r.get(deadline=15.0)

    assert r.time.passed < 1


async def test_no_call_lasts_longer_than_its_deadline(rest: Any) -> None:
    r: Rest = await rest(answer(500), stall(8.0), stall())

    with pytest.raises(errors.TransportError) as caught:
        await awaited(r.http.request(CREATE.route({"channel_id": 1}, {}, {"content": "x"}), deadline=5.0))

    assert ("unknown", pytest.approx(5.0, abs=0.01)) == (caught.value.outcome, r.time.passed)


async def test_a_decision_of_the_users_own_rules(rest: Any) -> None:
    seen = list[Attempt]()

    def decide(attempt: Attempt) -> float | None:
        seen.append(attempt)
        return 1.0 if attempt.number < 3 else None

    r: Rest = await rest(answer(400, {"message": "x", "code": 1}), decide=decide, hooks=Hooks())

    with pytest.raises(errors.BadRequest):
        await r.get()

    assert 3 == len(seen)
