"""The script of a campaign: what the agent says, asks and does next, step by step.

A script is a list of steps. Each says something, and asks at most one question: answers to choose from, which
may branch, or a form field. Texts are merged with what is known of the caller as plain text; what a CRM sends
is never read as a placeholder. A script leads to its end whatever is answered: loops are mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from softphone.domain.facts import dataclass
from softphone.domain.form import FormField

END = "end"
"""The target that ends a script."""

MERGED_LIMIT = 2_000
"""Characters of one merged value."""

UNKNOWN = "…"
"""Stands where nothing is known and the script names no other words."""

KNOWN_GROUPS: Mapping[str, frozenset[str] | None] = {
    "customer": None,
    "answer": None,
    "call": frozenset({"number", "queue"}),
    "campaign": frozenset({"name"}),
    "agent": frozenset({"name"}),
}
"""What placeholders may name; None: anything, since each CRM has fields of its own."""

_PLACEHOLDER = re.compile(r"\{([a-z]+)\.([^{}|]+)(?:\|([^{}]*))?\}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class ScriptAnswer:
    """One answer to choose. `next` names the step that follows (empty: that of the step), `value` what is
    stored (empty: the label), `code` the outcome that is prepared by it."""

    label: str
    next: str = ""
    value: str = ""
    code: str = ""

    @property
    def stored(self) -> str:
        return self.value or self.label


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """`say` is what the agent says, with placeholders like `{customer.name}` or `{customer.name|there}`.

    `answers` are stored under the step's name, `ask` under the field's. `next` names the step that follows,
    "end" for none; empty means the one after it in the file.
    """

    name: str
    say: str = ""
    answers: tuple[ScriptAnswer, ...] = ()
    ask: FormField | None = None
    next: str = ""

    @property
    def stores_as(self) -> str:
        """The name under which its answer is stored; empty when it asks nothing."""
        if self.ask:
            return self.ask.name
        return self.name if self.answers else ""


Script = tuple[ScriptStep, ...]


@dataclass(frozen=True, slots=True)
class ScriptFlaw:
    """A mistake; `path` is its place in the list of steps, as keys and indexes."""

    path: tuple[str | int, ...]
    problem: str


def flaw_in(script: Script) -> ScriptFlaw | None:
    """The first mistake of a script: a name, a target, a placeholder, or a loop."""
    return next(_flaws(script), None)


def step_named(script: Script, name: str) -> ScriptStep | None:
    return next((step for step in script if step.name == name), None)


def after(script: Script, step: ScriptStep, answer: ScriptAnswer | None = None) -> str:
    """The name of the step that follows, or `END`."""
    index = script.index(step)
    wanted = (answer.next if answer else "") or step.next
    if wanted:
        return wanted
    return script[index + 1].name if index + 1 < len(script) else END


def current(script: Script, trail: Sequence[str]) -> ScriptStep | None:
    """The step that a trail has come to: the first at the beginning, None at the end."""
    if not trail:
        return script[0] if script else None
    if trail[-1] == END:
        return None
    return step_named(script, trail[-1]) or (script[0] if script else None)


def visited(script: Script, trail: Sequence[str]) -> tuple[ScriptStep, ...]:
    """The steps on a trail, the first one with them."""
    names = dict.fromkeys((script[0].name, *trail)) if script else {}
    return tuple(step for name in names if (step := step_named(script, name)) is not None)


def stored_names(script: Script, trail: Sequence[str]) -> frozenset[str]:
    """The names of the answers that steps on the trail ask for."""
    return frozenset(step.stores_as for step in visited(script, trail) if step.stores_as)


def merged(text: str, facts: Mapping[str, str]) -> str:
    """`text` with its placeholders filled from `facts` (`customer.name` → value), once, as plain text."""

    def fill(found: re.Match[str]) -> str:
        value = facts.get(f"{found[1]}.{found[2].strip()}", "").strip()
        return value[:MERGED_LIMIT] or (found[3] if found[3] is not None else UNKNOWN)

    return _PLACEHOLDER.sub(fill, text)


def _flaws(script: Script) -> Iterator[ScriptFlaw]:
    names = [step.name for step in script]
    for index, step in enumerate(script):
        yield from _own_flaws(index, step, names)
    for index, step in enumerate(script):
        for path, target in _targets(index, step):
            if target and target != END and target not in names:
                yield ScriptFlaw(path, f"there is no step {target!r}; known are {', '.join(names)}, {END}")
    yield from _loops(script)


def _own_flaws(index: int, step: ScriptStep, names: list[str]) -> Iterator[ScriptFlaw]:
    if not _NAME.fullmatch(step.name) or step.name == END:
        problem = f"only letters, digits, dot, hyphen and underscore, at most 64, and not {END!r}"
        yield ScriptFlaw((index, "name"), problem)
    if names.index(step.name) != index:
        yield ScriptFlaw((index, "name"), f"{step.name!r} is there twice")
    if step.answers and step.ask:
        yield ScriptFlaw((index, "ask"), "a step has answers to choose or a field to ask, not both")
    if not (step.say.strip() or step.answers or step.ask):
        yield ScriptFlaw((index,), "the step neither says nor asks anything")
    for number, answer in enumerate(step.answers):
        if not answer.label.strip():
            yield ScriptFlaw((index, "answers", number, "label"), "is empty")
    yield from (ScriptFlaw((index, "say"), problem) for problem in _text_problems(step.say))


def _text_problems(text: str) -> Iterator[str]:
    for found in _PLACEHOLDER.finditer(text):
        group, field = found[1], found[2].strip()
        if group not in KNOWN_GROUPS:
            yield f"{found[0]}: unknown; a placeholder begins with {', '.join(KNOWN_GROUPS)}"
            continue
        known = KNOWN_GROUPS[group]
        if known is not None and field not in known:
            yield f"{found[0]}: {group} has only {', '.join(sorted(known))}"
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        yield "a brace that belongs to no placeholder like {customer.name}"


def _targets(index: int, step: ScriptStep) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where the step may lead, and where in the file that stands."""
    if step.next:
        yield (index, "next"), step.next
    for number, answer in enumerate(step.answers):
        if answer.next:
            yield (index, "answers", number, "next"), answer.next


def _loops(script: Script) -> Iterator[ScriptFlaw]:
    """Every jump that leads back to a step from which it can be reached."""
    reach = {step.name: _successors(script, step) for step in script}
    for index, step in enumerate(script):
        for path, target in _targets(index, step):
            if target == step.name or step.name in _reachable(reach, target):
                yield ScriptFlaw(path, f"leads in a circle: {step.name!r} comes again after {target!r}")


def _successors(script: Script, step: ScriptStep) -> frozenset[str]:
    answers = step.answers or (None,)
    return frozenset(after(script, step, answer) for answer in answers) - {END}


def _reachable(reach: Mapping[str, frozenset[str]], start: str) -> frozenset[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += reach.get(name, ())
    return frozenset(seen - {start}) | (reach.get(start, frozenset()) & {start})
