"""Every fault and threat of the list has a test that carries its id, and a guard that is where the list says."""

from collections.abc import Sequence

import pytest

from tests.gauntlet.faults import ROOT, Fault, carriers, faults

NUMBERS = {"R": 44, "G": 44, "P": 18, "S": 8, "T": 32, "I": 8}
MAY_BE_LATER = {"T24", *(f"S{number}" for number in range(1, 9))}
GUARDED = [fault for fault in faults().values() if fault.guard is not None]


def named(listed: Sequence[Fault]) -> list[str]:
    return [fault.id for fault in listed]


def test_the_list_holds_every_fault_once() -> None:
    expected = {f"{kind}{number}" for kind, most in NUMBERS.items() for number in range(1, most + 1)}

    assert expected == set(faults())


@pytest.mark.parametrize("kind", NUMBERS)
def test_each_has_a_test_of_its_name_or_says_why_not_yet(kind: str) -> None:
    mine = [fault for fault in faults().values() if fault.id[0] == kind]

    assert [] == [fault.id for fault in mine if (fault.id in carriers()) is (fault.later is not None)]


def test_only_what_needs_several_processes_or_a_server_may_be_later() -> None:
    assert [] == [fault.id for fault in faults().values() if fault.later is not None and fault.id not in MAY_BE_LATER]


def test_no_test_names_a_fault_that_does_not_exist() -> None:
    assert set() == carriers().keys() - faults().keys()


def test_each_that_is_tested_names_its_guard_and_what_must_hold() -> None:
    tested = [fault for fault in faults().values() if fault.later is None and fault.id[0] != "I"]

    assert [] == [fault.id for fault in tested if fault.guard is None or fault.red is None or not fault.holds]
    assert set() == {name for fault in tested for name in fault.holds} - faults().keys()


@pytest.mark.parametrize("fault", GUARDED, ids=named(GUARDED))
def test_a_guard_stands_once_in_its_file_and_its_test_exists(fault: Fault) -> None:
    assert fault.guard is not None and fault.red is not None
    path, _, name = fault.red.partition("::")

    assert 1 == (ROOT / fault.guard.file).read_text("utf-8").count(fault.guard.code)
    assert fault.guard.code != fault.guard.instead
    assert f"def {name}(" in (ROOT / path).read_text("utf-8")
