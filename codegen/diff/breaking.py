"""Whether a change can break code that type-checked and ran before: one table for what is sent, one for what is read.

`limits` stands for sending, below: lengths, ranges and lists of values bind who sends, and no reader's annotation.

Sending breaks where less is accepted than before; reading breaks where more can come than before.  Enums are open and
a union of objects has an arm for what it does not know, so what is new in them breaks no reader.
"""

from __future__ import annotations

from codegen.diff.facts import Facts
from codegen.notation import Array, Map, Nullable, Primitive, Ref, Type, Union

# Formats whose values are another class in Python; all others are a matter of the server's.
CLASSES = frozenset({"snowflake", "date-time", "base64", "binary"})


class Judge:
    """Compares types of both sides, the old side already under the new names."""

    def __init__(self, old: Facts, new: Facts) -> None:
        self.old, self.new = old, new
        self.sent = old.sent | new.sent
        self.read = old.read | new.read
        self._open: set[tuple[str, str, bool]] = set()  # pairs of objects that are being compared

    def ways(self, schema: str) -> tuple[bool, bool]:
        """Whether a schema is sent and whether it is read; one that no operation uses can only be read."""
        sent = schema in self.sent
        return sent, schema in self.read or not sent

    def accepts_less(self, old: Type, new: Type, *, limits: bool = True) -> bool:
        """Whether a value that fitted the old type may not fit the new one."""
        return not self._fits(old, self.old, new, self.new, limits)

    def gives_more(self, old: Type, new: Type) -> bool:
        """Whether what comes now may be what the old type did not announce."""
        return not self._fits(new, self.new, old, self.old, False)

    def unknown_arm(self, arm: Type) -> bool:
        """Whether a new arm of a union arrives as something that the union always allowed: an object."""
        plain = self.new.plain(arm)
        return (
            isinstance(plain, Ref) and plain.name in self.new.schemas and self.new.schemas[plain.name].kind == "object"
        )

    def _fits(self, a: Type, of_a: Facts, b: Type, of_b: Facts, limits: bool) -> bool:
        """Whether every value of `a` is one of `b`."""
        if a == b and (not isinstance(a, Ref) or a.name in of_b.schemas):
            return True
        if isinstance(a, Ref) and isinstance(b, Ref) and a.name == b.name:
            return not limits or not b.values or (bool(a.values) and set(a.values) <= set(b.values))
        a, b = of_a.plain(a), of_b.plain(b)
        if b == Primitive("any"):
            return True
        match a, b:
            case Nullable(x), Nullable(y):
                return self._fits(x, of_a, y, of_b, limits)
            case Nullable(), _:
                return False
            case _, Nullable(y):
                return a == Primitive("null") or self._fits(a, of_a, y, of_b, limits)
            case Union(arms), _:
                return all(self._fits(arm, of_a, b, of_b, limits) for arm in arms)
            case _, Union(arms):
                return any(self._fits(a, of_a, arm, of_b, limits) for arm in arms)
            case Array(x), Array(y):
                return self._fits(x, of_a, y, of_b, limits) and (
                    not limits or (_within(a.low, a.high, b.low, b.high) and a.unique >= b.unique)
                )
            case Map(x), Map(y):
                return self._fits(x, of_a, y, of_b, limits) and (not limits or _within(a.low, a.high, b.low, b.high))
            case Ref(), Ref():
                if a.name == b.name:
                    return not limits or not b.values or (bool(a.values) and set(a.values) <= set(b.values))
                return self._same_fields(a.name, of_a, b.name, of_b, limits)
            case Ref(), Primitive():
                enum = of_a.schemas.get(a.name)
                kinds = {"int": {"integer", "number"}, "str": {"string"}}
                return enum is not None and b.kind in kinds.get(enum.base, ()) and not (limits and b.values)
            case Primitive(), Primitive():
                return _scalar_fits(a, b, limits)
            case _:
                return False

    def _same_fields(self, a: str, of_a: Facts, b: str, of_b: Facts, sending: bool) -> bool:
        """Whether an object without a name of its own fits another one: its fields decide, for it has no class."""
        x, y = of_a.schemas.get(a), of_b.schemas.get(b)
        if x is None or y is None or not (x.owner or y.owner) or {x.kind, y.kind} != {"object"}:
            return False
        if (a, b, sending) in self._open:
            return True
        self._open.add((a, b, sending))
        try:
            given, wanted = of_a.inherited(x), of_b.inherited(y)
            if sending and y.others is None and given.keys() - wanted.keys():
                return False
            return all(
                self._fits(given[key].type, of_a, f.type, of_b, sending) and given[key].required >= f.required
                if key in given
                else not f.required and sending
                for key, f in wanted.items()
            )
        finally:
            self._open.discard((a, b, sending))

    def demands(self, body: Type, required: bool) -> bool:
        """Whether a body that is new asks for anything: one whose fields may all be left out does not."""
        plain = self.new.plain(body)
        schema = self.new.schemas.get(plain.name) if isinstance(plain, Ref) else None
        if schema is None or schema.kind != "object":
            return required
        return required and any(f.required for f in self.new.inherited(schema).values())


def _scalar_fits(a: Primitive, b: Primitive, limits: bool) -> bool:
    if a.kind != b.kind and (a.kind, b.kind) != ("integer", "number"):
        return False
    if (a.format in CLASSES or b.format in CLASSES) and a.format != b.format:
        return False
    if limits and b.values and not (a.values and set(a.values) <= set(b.values)):
        return False
    return not limits or bool(a.values) or (_within(a.low, a.high, b.low, b.high) and b.pattern in ("", a.pattern))


def _within(low: float | None, high: float | None, least: float | None, most: float | None) -> bool:
    """Whether the first range lies in the second."""
    return (least is None or (low is not None and low >= least)) and (
        most is None or (high is not None and high <= most)
    )
