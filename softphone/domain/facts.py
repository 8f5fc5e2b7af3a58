"""`dataclass` for facts: what the standard library's makes, made ten times faster. Thread: any.

`dataclasses.dataclass(frozen=True, slots=True)` compiles six functions for each class while its module is
imported. That is 0.6 ms a class; several hundred are imported before the engine registers and the window is
there. Here comparing, hashing and showing need no code of each class's own, and `__init__` is compiled when
the first object is made: 0.05 ms a class. Type checkers see the standard library's decorator, and every other
kind of dataclass is made by it. `tests/domain/test_facts.py` holds both to the same behaviour.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_Method = Callable[..., Any]
_KNOWN = {"frozen", "slots", "repr", "kw_only"}


def _dataclass(kind: type | None = None, /, **wanted: bool) -> Any:
    """With the parameters of `dataclasses.dataclass`."""
    if wanted.get("frozen") and wanted.get("slots") and wanted.keys() <= _KNOWN:
        show, kw_only = wanted.get("repr", True), wanted.get("kw_only", False)
        return lambda kind: _fact(kind, show=show, kw_only=kw_only)
    return dataclasses.dataclass(kind, **wanted)


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass


def _fact(kind: type, *, show: bool, kw_only: bool) -> type:
    """`kind` with slots and with what a frozen dataclass can do."""
    said = kind.__doc__
    kind.__doc__ = said or kind.__name__  # else the standard library writes its signature there, for 0.2 ms
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(kind)
    fields = dataclasses.fields(made)
    if hasattr(made, "__post_init__") or not all(field.init for field in fields):
        raise TypeError(f"{kind.__qualname__}: a fact is what it was given, so make a plain dataclass of it")
    methods = _methods_of_all | {"__init__": _first_init(made)}
    methods |= _comparing([field.name for field in fields if field.compare])
    if show:
        methods |= _showing([field.name for field in fields if field.repr])
    own = made.__dict__.keys() - _unset_by_python(made.__dict__)
    for name, method in methods.items():
        if name not in own:  # what the class itself defines stays
            setattr(made, name, method)
    made.__doc__ = said
    finished: type = made
    return finished


def _unset_by_python(defined: Mapping[str, object]) -> set[str]:
    """A class that defines `__eq__` alone has a `__hash__` of None, which it did not ask for."""
    return {"__hash__"} if "__eq__" in defined and defined.get("__hash__") is None else set()


# --- to be made ------------------------------------------------------------------------------------------


def _first_init(made: Any) -> _Method:
    def first_init(self: object, *given: object, **named: object) -> None:
        """Puts the compiled one into its place; done twice at once it does no harm."""
        compiled = made.__init__ = _compiled_init(made)
        compiled(self, *given, **named)

    return first_init


def _compiled_init(made: Any) -> _Method:
    known: dict[str, Any] = {"__unset": dataclasses.MISSING}  # a class's own names do not begin like these
    anywhere: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for field in dataclasses.fields(made):
        name = parameter = value = field.name
        known[f"__set_{name}"] = getattr(made, name).__set__  # of the slot itself: the class's refuses
        if field.default is not dataclasses.MISSING:
            known[f"__default_{name}"] = field.default
            parameter = f"{name}=__default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            known[f"__make_{name}"] = field.default_factory
            parameter, value = f"{name}=__unset", f"__make_{name}() if {name} is __unset else {name}"
        (named if field.kw_only else anywhere).append(parameter)
        body.append(f"  __set_{name}(self, {value})")
    parameters = ", ".join(["self", *anywhere, *(["*", *named] if named else [])])
    exec("\n".join([f"def __init__({parameters}):", *body, "  return"]), known)  # noqa: S102 - names of ours alone
    compiled: _Method = known["__init__"]
    compiled.__qualname__ = f"{made.__qualname__}.__init__"
    return compiled


# --- for each class, from the names of its fields --------------------------------------------------------


def _comparing(names: Sequence[str]) -> dict[str, _Method]:
    if len(names) > 1:
        values: Callable[[object], object] = attrgetter(*names)
    else:
        values = lambda fact: tuple(getattr(fact, name) for name in names)  # noqa: E731 - two ways of one thing

    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    return {"__eq__": equal, "__hash__": hashed}


def _showing(names: Sequence[str]) -> dict[str, _Method]:
    def shown(self: object) -> str:
        parts = (f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({', '.join(parts)})"

    return {"__repr__": shown}


# --- the same for all ------------------------------------------------------------------------------------


def _refuse_to_assign(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[object]:
    """For copies and pickles: a class with slots has no dictionary."""
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: Sequence[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_methods_of_all: dict[str, _Method] = {
    "__setattr__": _refuse_to_assign,
    "__delattr__": _refuse_to_delete,
    "__getstate__": _state,
    "__setstate__": _restore,
}
