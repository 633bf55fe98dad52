"""What the generator says when its input is wrong: the place, the key, what was found, what was expected."""

from __future__ import annotations


class CodegenError(Exception):
    """Base of everything the generator refuses; its text is one line for a person."""


def one_line(text: str) -> str:
    """`text` without line breaks and marks that do not show: what an error quotes may hold anything."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class SpecError(CodegenError):
    """A spec file that cannot be used: ``file:line``, the key path, what was found and what was expected."""

    def __init__(self, place: str, key: str, problem: str) -> None:
        super().__init__(place, key, problem)
        self.place, self.key, self.problem = place, key, problem

    def __str__(self) -> str:
        return one_line(": ".join(filter(None, (self.place, self.key, self.problem))))


class DocumentError(CodegenError):
    """An OpenAPI document that cannot be read at all: its name, the JSON pointer, what is wrong."""

    def __init__(self, name: str, pointer: str, problem: str) -> None:
        super().__init__(name, pointer, problem)
        self.name, self.pointer, self.problem = name, pointer, problem

    def __str__(self) -> str:
        return one_line(f"{self.name}{self.pointer and ' ' + self.pointer}: {self.problem}")
