"""The limits of REST requests: everyday ones until a test sets others. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from acord.core.operation import Operation
from acord.sandbox.answers import Answer, Json, Refusal
from acord.sandbox.calls import Account
from acord.sandbox.limits import everyday
from acord.sandbox.limits.counting import Kind, Limit, Window
from acord.sandbox.limits.judging import MANY, Asked, Judge, Layer, Outcome, Refused
from acord.sandbox.limits.options import LimitOptions
from acord.sandbox.limits.rules import INTERACTION, Per, Rule, bucket_hash, layers_of, spell_major

__all__ = ["Banned", "Limited", "Limits"]

_BAN_PAGE = b"<!DOCTYPE html><html><head><title>Access denied</title></head><body>error code: 1015</body></html>"
_INVALID = frozenset({401, 403})


def _webhook(path: Mapping[str, str]) -> str:
    return path["webhook_id"]


class Limited(Refusal):
    """429 as Discord sends it."""

    def answer(self) -> Answer:
        return Answer(429, {"message": self.message, **self.more}, self.headers)


class Banned(Refusal):
    """429 as Cloudflare sends it: a page, and no ``Via``."""

    def answer(self) -> Answer:
        return Answer(429, _BAN_PAGE, self.headers, "text/html; charset=UTF-8")


class Limits:
    """Decides before each request, and is told the status after it.

    Operations are named by their operationId. A bucket that several of them share is one count with one hash; buckets
    with one hash but names of their own are counted apart.
    """

    def __init__(
        self,
        now: Callable[[], float],
        *,
        seed: int = 0,
        options: LimitOptions | None = None,
        wall: Callable[[], float] | None = None,
    ) -> None:
        """``now`` in seconds, best a monotonic clock; ``wall`` since 1970, for Reset headers and ages of messages."""
        self.now, self.seed = now, seed
        self.options = options or LimitOptions()
        wall_now = wall or now
        self.wall = wall_now
        self.judge = Judge(
            lambda t: wall_now() + t - now(),
            global_rate=self.options.global_rate,
            global_kind=self.options.global_kind,
        )
        self.webhook_channel: Per = _webhook
        """The channel of the webhook in a path; limits know no world, so until told each has one of its own."""
        self._rules: dict[str, list[Rule]] = {}
        self._plain: dict[str, tuple[Rule, ...]] = {}
        self._flying: dict[tuple[str, str, str], list[float]] = {}
        self._invalid: dict[str, Window] = {}
        self._count, self._room = 0, MANY
        if self.options.everyday:
            self._everyday()

    # What a test sets

    @property
    def global_rate(self) -> int | None:
        """Requests a second of one bot, or of an address without a bot; None: as many as may be."""
        return self.judge.global_rate

    @global_rate.setter
    def global_rate(self, rate: int | None) -> None:
        self.judge.global_rate = rate

    def set(
        self,
        *operations: str,
        limit: int,
        window: float,
        sliding: bool = False,
        hash: str | None = None,
        shared: bool = False,
        kind: Kind | None = None,
    ) -> None:
        """The limit that the headers show, instead of all others of these operations, which spend from it together.

        ``sliding``: tokens come back one by one, and ``window`` is the time until all are back; else they come back
        at once. ``kind="aligned"``: at once, on the clock's multiples. ``hash``: what the headers call it, the same
        for several limits where that is to be tried. ``shared``: its 429s have that scope, and everyone spends.
        """
        name = "+".join(operations)
        made = self._limit(name, limit, window, sliding, hash or bucket_hash(self.seed, name), shared, kind)
        for operation in operations:
            self._rules[operation] = [Rule(limit=made)]

    def sub(
        self,
        *operations: str,
        limit: int,
        window: float,
        sliding: bool = False,
        keys: Iterable[str] | None = None,
        hash: str | None = None,
        shared: bool = False,
        per: Per | None = None,
        younger: float | None = None,
        older: float | None = None,
    ) -> None:
        """One more limit over these operations, which no header shows: a 429 is the first that is heard of it.

        ``keys``: it counts only bodies with one of these fields. ``hash``: its own 429s show it, as Discord's do
        where layers have a bucket each. ``per``: what it is counted apart by. ``younger``, ``older``: it counts only
        messages (``message_id``) of this age in seconds.
        """
        for operation in operations:
            # A limit without a hash under the default one, which has one.
            self._rules.setdefault(operation, list(self._default(operation)))
        name = f"{'+'.join(operations)} sub {len(self._rules[operations[0]])}"
        made = self._limit(name, limit, window, sliding, hash, shared, None)
        fields = None if keys is None else frozenset(keys)
        for operation in operations:
            self._rules[operation].append(Rule(limit=made, keys=fields, per=per, younger=younger, older=older))

    def free(self, *operations: str) -> None:
        """No limit, and no headers; without operations none over any, and no global one."""
        for operation in operations:
            self._rules[operation] = []
        if not operations:
            self._rules.clear()
            self._plain.clear()
            self.options = replace(self.options, everyday=False)
            self.global_rate = None

    def block(self, address: str, seconds: float) -> None:
        """Let Cloudflare refuse this address for so long, as it does who sends too much that is invalid."""
        self.judge.bans[address] = self.now() + seconds

    def spend(self, operation: Operation, path: Mapping[str, str], times: int = 1, *, account: Account) -> None:
        """Somebody else spends from the limits of this request, with the same credential."""
        t = self.now()
        for limit, major in layers_of(self._of(operation), operation, path, lambda: None, self.wall()):
            self.judge.spend(t, limit, account.application_id, major, times)

    # What a test reads

    @property
    def refused(self) -> list[Refused]:
        """Every 429, oldest first."""
        return self.judge.refused

    def avoidable(self) -> list[Refused]:
        """Those that a client could have avoided, by what it had been told."""
        return [one for one in self.judge.refused if one.avoidable]

    def open(self) -> list[Json]:
        """Limits that are being counted: ``name``, ``limit``, ``remaining``, ``reset_after`` in seconds."""
        t = self.now()
        shown: list[Json] = []
        for (_, name, major), counter in self.judge.counters.items():
            remaining, after = counter.shown(t)
            if after > 0:
                place = f"{name} {major}".strip()
                shown.append({"name": place, "limit": counter.limit.size, "remaining": remaining, "reset_after": after})
        return sorted(shown, key=lambda one: str(one["name"]))

    # What the API calls

    def is_banned(self, address: str) -> bool:
        """Whether Cloudflare refuses this address: `before` raises `Banned`, whoever asks for what."""
        t = self.now()
        return self.judge.bans.get(address, t) > t

    def before(
        self,
        operation: Operation,
        path: Mapping[str, str],
        account: Account | None,
        address: str,
        body: Callable[[], object] = lambda: None,
        *,
        heard: bool = True,
    ) -> dict[str, str]:
        """Headers of a request that is let through; raises `Limited` or `Banned` (`Refusal`) otherwise.

        ``body`` gives the JSON of the request, and is called only where a limit lies over certain fields of it.
        ``heard``: whether the client gets to know of either; of what it does not, it could not have learned.
        """
        t, travel = self.now(), self.options.travel
        who = address if account is None else account.application_id
        major = spell_major(operation, path)
        place = (who, operation.name, major)
        flying = [back for back in self._flying.get(place, ()) if back >= t - travel]
        layers = layers_of(self._of(operation), operation, path, body, self.wall())
        exempt = self._is_exempt(operation, path)
        outcome = self._asked(t, who, address, *place[1:], layers, not flying, exempt, heard=heard)
        if heard:  # nobody has to wait for the answer of another one
            self._flying[place] = [*flying, t + travel]
        if len(self._flying) > self._room:
            self._flying = {key: backs for key, backs in self._flying.items() if backs[-1] >= t - travel}
            self._room = max(MANY, 2 * len(self._flying))
        if outcome.refused is not None:
            raise self._refusal(outcome.refused, outcome, address)
        return outcome.headers

    def ban(self, address: str) -> Answer | None:
        """The page that this address gets whatever it asks for; None where it is not banned."""
        t = self.now()
        if self.judge.bans.get(address, t) <= t:
            return None
        outcome = self._asked(t, address, address, "", "", (), True, True)
        return Banned(429, 0, "banned", headers=outcome.headers).answer()

    def _asked(
        self,
        t: float,
        who: str,
        address: str,
        route: str,
        major: str,
        layers: tuple[Layer, ...],
        alone: bool,
        exempt: bool,
        *,
        heard: bool = True,
    ) -> Outcome:
        self._count += 1
        travel = self.options.travel
        asked = Asked(self._count, who, address, route, major, layers, t - travel, alone, heard, exempt)
        outcome = self.judge.handle(t, asked)
        if heard:
            self.judge.delivered(t + travel, asked, outcome)
        del outcome.headers["Content-Type"]  # the body's
        return outcome

    def after(self, address: str, status: int) -> None:
        """The status of an answer that was no 429 of these limits: who earns too many that are invalid is banned.

        Source: Discord docs, Topics > Rate Limits > Invalid Request Limit.
        """
        if status in _INVALID:
            self._invalid_one(address)

    def _refusal(self, refused: Refused, outcome: Outcome, address: str) -> Refusal:
        if refused.scope == "ban":
            return Banned(429, 0, "banned", headers=outcome.headers)
        if refused.scope != "shared":
            self._invalid_one(address)
        more: Json = {"retry_after": outcome.retry_after, "global": refused.scope == "global"}
        message = "The resource is being rate limited." if refused.scope == "shared" else "You are being rate limited."
        return Limited(429, 0, message, headers=outcome.headers, more=more)

    def _invalid_one(self, address: str) -> None:
        t, options = self.now(), self.options
        if self.judge.bans.get(address, t) > t:
            return
        window = self._invalid.get(address)
        if window is None:
            window = self._invalid[address] = Window(
                Limit("invalid", "fixed", options.invalid_most, options.invalid_window)
            )
        window.take(t)
        if window.used >= options.invalid_most:
            self.judge.bans[address] = t + options.ban
            del self._invalid[address]

    # Rules

    def _is_exempt(self, operation: Operation, path: Mapping[str, str]) -> bool:
        """Answers to interactions are not in the global limit; routes of webhooks look the same.

        Source: Discord docs, Topics > Rate Limits > Global Rate Limit.
        """
        if not operation.limits.get("global_exempt"):
            return False
        return "interaction_token" in path or path.get("webhook_token", "").startswith(INTERACTION)

    def _of(self, operation: Operation) -> tuple[Rule, ...]:
        rules = self._rules.get(operation.name)
        if rules is not None:
            return tuple(rules)
        if operation.name not in self._plain:
            self._plain[operation.name] = tuple(self._default(operation.name, operation.method))
        return self._plain[operation.name]

    def _default(self, name: str, method: str | None = None) -> list[Rule]:
        if not self.options.everyday or name in everyday.FREE:
            return []
        if method is None:
            from acord.routes import OPERATIONS

            method = OPERATIONS[name].method
        size, window = everyday.BY_METHOD[method]
        return [Rule(limit=Limit(name, "leaky", size, window, bucket_hash(self.seed, name)))]

    def _limit(
        self, name: str, size: int, window: float, sliding: bool, hash: str | None, shared: bool, kind: Kind | None
    ) -> Limit:
        if size < 1 or window <= 0:
            raise ValueError(f"a limit of {size} in {window} seconds: both are positive")
        return Limit(name, kind or ("leaky" if sliding else "fixed"), size, window, hash, shared)

    def _everyday(self) -> None:
        for shown in everyday.SHOWN:
            layered = shown.younger is not None or shown.older is not None
            name = "+".join(shown.operations) + (f" from {shown.older}" if layered else "")
            hash = bucket_hash(self.seed, name)
            made = self._limit(name, shown.size, shown.window, shown.sliding, hash, False, None)
            for operation in shown.operations:
                rule = Rule(limit=made, younger=shown.younger, older=shown.older)
                self._rules.setdefault(operation, []).append(rule)
        for hidden in everyday.HIDDEN:
            per = self._by_channel if hidden.operations == everyday.WEBHOOKS else None
            self.sub(
                *hidden.operations,
                limit=hidden.size,
                window=hidden.window,
                keys=hidden.keys,
                shared=hidden.shared,
                per=per,
            )

    def _by_channel(self, path: Mapping[str, str]) -> str:
        return self.webhook_channel(path)
