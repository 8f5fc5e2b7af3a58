"""Facts behave as the standard library's frozen dataclasses with slots do, and are made much faster."""

from __future__ import annotations

import builtins
import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, replace
from typing import Any, ClassVar

import msgspec
import pytest

from softphone.domain import facts


@facts.dataclass(frozen=True, slots=True)
class Stay:
    room: int
    guest: str = "nobody"
    extras: list[str] = field(default_factory=list)
    floors: ClassVar[int] = 4


@facts.dataclass(frozen=True, slots=True)
class LongStay(Stay):
    nights: int = 30


@facts.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    room: int = 1
    name: str


@facts.dataclass(frozen=True, slots=True, repr=False)
class Key:
    secret: str = field(repr=False)

    def __repr__(self) -> str:
        return "Key(…)"


@facts.dataclass(frozen=True, slots=True)
class Nothing:
    pass


@facts.dataclass(frozen=True, slots=True)
class Temperature:
    degrees: float
    measured_by: str = field(default="", compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class StandardStay:
    room: int
    guest: str = "nobody"
    extras: list[str] = field(default_factory=list)


_STAY: Any = Stay
_ASKED: Any = Asked


def test_a_fact_takes_its_values_by_place_and_by_name_and_fills_in_the_rest() -> None:
    assert (Stay(3).room, Stay(3).guest, Stay(3).extras) == (3, "nobody", [])
    assert Stay(3, "Ann") == Stay(guest="Ann", room=3)
    assert Stay(3).extras is not Stay(3).extras
    assert LongStay(3).nights == 30
    assert Asked(name="Bob").room == 1


@pytest.mark.parametrize(
    "mistake",
    [_STAY, lambda: _STAY(1, "a", [], 2), lambda: _STAY(rooms=1), lambda: _ASKED("Bob")],
)
def test_missing_and_unknown_values_are_refused_at_the_first_object_and_later(
    mistake: Callable[[], object],
) -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="__init__"):
            mistake()


def test_a_fact_cannot_be_changed() -> None:
    stay = Stay(3)
    changes: tuple[Callable[[], None], ...] = (
        lambda: setattr(stay, "room", 4),
        lambda: setattr(stay, "other", 4),
        lambda: delattr(stay, "room"),
    )
    for change in changes:
        with pytest.raises(FrozenInstanceError):
            change()
    assert stay.room == 3
    assert not hasattr(stay, "__dict__")


def test_facts_are_equal_when_their_class_and_compared_values_are() -> None:
    assert Temperature(20.0, "Ann") == Temperature(20.0, "Bob")
    assert Temperature(20.0) != Temperature(21.0)
    assert Stay(3) != LongStay(3)
    assert _STAY(3) != StandardStay(3)
    assert Nothing() == Nothing()
    not_a_number = float("nan")
    assert Temperature(not_a_number) == Temperature(not_a_number)  # as in tuples: the same object


def test_equal_facts_have_one_hash() -> None:
    assert len({Temperature(20.0, "Ann"), Temperature(20.0, "Bob"), Temperature(21.0)}) == 2
    assert hash(Nothing()) == hash(Nothing())
    with pytest.raises(TypeError, match="unhashable"):
        hash(Stay(3))


def test_facts_that_compare_in_their_own_way_are_hashed_by_their_values_as_the_standard_library_does() -> (
    None
):
    def same(_self: object, _other: object) -> bool:
        return True

    hashes = set()
    for make in (facts.dataclass, dataclasses.dataclass):
        alike: Any = make(frozen=True, slots=True)(
            type("Alike", (), {"__annotations__": {"room": int}, "__eq__": same})
        )
        assert alike(1) == alike(2)
        hashes.add(hash(alike(1)))
    assert len(hashes) == 1


def test_no_field_s_name_gets_in_the_way_of_another() -> None:
    @facts.dataclass(frozen=True, slots=True)
    class Order:
        by: str
        set_by: str
        default_by: str = "Bob"
        items: tuple[str, ...] = field(default_factory=tuple)
        make_items: int = 0
        unset: bool = False

    order = Order("Ann", "Cy")
    assert (order.by, order.set_by, order.default_by, order.items) == ("Ann", "Cy", "Bob", ())


def test_a_fact_shows_its_values_but_no_secret() -> None:
    assert repr(Stay(3, "Ann")) == "Stay(room=3, guest='Ann', extras=[])"
    assert repr(Nothing()) == "Nothing()"
    assert repr(Key("1234")) == "Key(…)"


def test_a_fact_is_copied_pickled_and_taken_apart() -> None:
    stay = Stay(3, "Ann", ["towels"])
    assert pickle.loads(pickle.dumps(stay)) == copy.copy(stay) == copy.deepcopy(stay) == stay
    assert copy.deepcopy(stay).extras is not stay.extras
    assert replace(stay, guest="Bob") == Stay(3, "Bob", ["towels"])
    assert asdict(stay) == {"room": 3, "guest": "Ann", "extras": ["towels"]}
    match LongStay(5):
        case LongStay(room, guest):
            assert (room, guest) == (5, "nobody")


def test_a_fact_that_nobody_has_made_yet_crosses_the_pipe() -> None:
    @facts.dataclass(frozen=True, slots=True)
    class Fresh:
        number: int = 7
        names: tuple[str, ...] = ()

    raw = msgspec.msgpack.encode({"names": ["Ann"]})
    decoded = msgspec.msgpack.decode(raw, type=Fresh)
    assert decoded == Fresh(7, ("Ann",))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(decoded), type=Fresh) == decoded


def test_a_fact_looks_like_the_standard_library_s_to_everybody_else() -> None:
    fact: Any = Stay
    standard: Any = StandardStay
    fact(3)
    assert [one.name for one in dataclasses.fields(fact)] == [
        one.name for one in dataclasses.fields(standard)
    ]
    assert (fact.__match_args__, fact.__slots__) == (standard.__match_args__, standard.__slots__)
    assert list(inspect.signature(fact).parameters) == list(inspect.signature(standard).parameters)
    assert fact.__doc__ is None
    assert fact(3).__getstate__() == standard(3).__getstate__()


def test_other_dataclasses_are_the_standard_library_s() -> None:
    @facts.dataclass(slots=True)
    class Counter:
        count: int = 0

    counter = Counter()
    counter.count += 1
    assert counter == Counter(1)


def test_no_code_is_compiled_for_a_fact_before_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    execute = builtins.exec

    def counted(code: Any, known: Any = None, local: Any = None) -> None:
        compiled.append(code)
        execute(code, known, local)

    monkeypatch.setattr(builtins, "exec", counted)

    @dataclasses.dataclass(frozen=True, slots=True)
    class Standard:
        """One."""

        name: str = ""

    assert len(compiled) > 0
    assert Standard("a") == Standard("a")
    compiled.clear()

    @facts.dataclass(frozen=True, slots=True)
    class Fact:
        """One."""

        name: str = ""

    assert compiled == []
    assert (Fact("a"), Fact("b")) == (Fact("a"), Fact("b"))
    assert len(compiled) == 1


def test_a_class_that_works_on_what_it_was_given_is_refused_as_a_fact() -> None:
    class Rounded:
        degrees: float

        def __post_init__(self) -> None:
            object.__setattr__(self, "degrees", round(self.degrees))

    class Numbered:
        number: int = field(init=False, default=0)

    for kind in (Rounded, Numbered):
        with pytest.raises(TypeError, match="plain dataclass"):
            facts.dataclass(frozen=True, slots=True)(kind)
