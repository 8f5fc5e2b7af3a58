"""Which texts the code shows to people: found in its syntax tree, so that nothing is listed by hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from softphone.ui.translating.po_file import Entry

UI = Path(__file__).resolve().parents[1]
_PLAIN, _PLURAL, _CONTEXT = frozenset({"t", "mark"}), "n", "c"


def shown_texts(folder: Path = UI) -> tuple[Entry, ...]:
    """Every text passed to `t`, `n`, `c` or `mark` as a constant, sorted, each once."""
    found: dict[tuple[str, str], Entry] = {}
    for path in sorted(folder.rglob("*.py")):
        for entry in _in_tree(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            known = found.get(entry.key)
            if known is None or not known.plural:
                found[entry.key] = entry
    return tuple(found[key] for key in sorted(found))


def _in_tree(tree: ast.AST) -> Iterator[Entry]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in _PLAIN and len(texts) == 1 and texts[0]:
            yield Entry(texts[0])
        elif name == _PLURAL and len(texts) == 2:
            yield Entry(texts[0], plural=texts[1])
        elif name == _CONTEXT and len(texts) == 2:
            yield Entry(texts[1], context=texts[0])


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
