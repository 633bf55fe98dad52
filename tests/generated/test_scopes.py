"""Scopes as types: every one that an operation asks for can be named, and the enum's members are among them."""

from typing import get_args

from acord.core.credentials import TokenKind
from acord.core.signals.scopes import Scope
from acord.models import OAuth2Scope
from acord.routes import OPERATIONS


def test_every_scope_and_kind_that_an_operation_names_is_of_the_type() -> None:
    strange = {
        (name, word)
        for name, operation in OPERATIONS.items()
        for words, known in ((operation.scopes, Scope), (operation.auth, TokenKind))
        for word in words
        if word not in get_args(known)
    }

    assert set() == strange


def test_every_scope_of_the_official_document_is_of_the_type() -> None:
    assert {scope.value for scope in OAuth2Scope} <= set(get_args(Scope))
