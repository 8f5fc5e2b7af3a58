"""Templates of feature codes as TOML files: shipped ones by name, a company's own by path."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from softphone.domain.errors import BadInput
from softphone.domain.supervision import DIRECT, FeatureCodes, SupervisionMode
from softphone.domain.toml_lines import line_of, lines_of_keys

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "feature_codes"
SIZE_LIMIT = 16_384
_KEYS = frozenset({"name", "start", "switch"})
_CODE = re.compile(r"[0-9A-Da-d*#+]*(?:\{extension\})[0-9A-Da-d*#]*")
_DIGITS = re.compile(r"[0-9A-D*#]{1,8}")
_Wrong = Callable[[tuple[str, ...], str], BadInput]


class FeatureCodeFiles:
    """Implements `usecases.team.ports.FeatureCodeBook`; each file is read once."""

    def __init__(self) -> None:
        self._known: dict[str, FeatureCodes] = {}

    def codes(self, name: str) -> FeatureCodes:
        if name not in self._known:
            self._known[name] = read_codes(_file_of(name))
        return self._known[name]


def _file_of(name: str) -> Path:
    if re.fullmatch(r"[a-z0-9-]{1,40}", name):
        return SHIPPED / f"{name}.toml"
    return Path(name)


def read_codes(path: Path) -> FeatureCodes:
    """Read one template; raise `BadInput` that names file, line and key."""
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise BadInput("feature_codes", f"{path}: larger than {SIZE_LIMIT} bytes")
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as exc:
        raise BadInput("feature_codes", f"{path}: {exc.strerror}") from exc
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise BadInput("feature_codes", f"{path}: {exc}") from exc
    lines = lines_of_keys(text)

    def wrong(place: tuple[str, ...], problem: str) -> BadInput:
        where = f"{path}:{line_of(place, lines)}: {'.'.join(place)}"
        return BadInput("feature_codes", f"{where}: {problem}")

    for key in table:
        if key not in _KEYS:
            raise wrong((key,), f"unknown; known are {', '.join(sorted(_KEYS))}")
    name = table.get("name", "")
    if not isinstance(name, str) or not name or name == DIRECT:
        raise wrong(("name",), "a name other than 'direct' is needed")
    start = _modes(table, "start", _CODE, "a code with {extension} in it", wrong)
    switch = _modes(table, "switch", _DIGITS, "one to eight of 0-9 A-D * #", wrong)
    if not start:
        raise wrong(("start",), "at least one code is needed")
    return FeatureCodes(name, start, switch)


def _modes(
    table: Mapping[str, object],
    section: str,
    form: re.Pattern[str],
    wanted: str,
    wrong: _Wrong,
) -> dict[SupervisionMode, str]:
    given = table.get(section, {})
    if not isinstance(given, dict):
        raise wrong((section,), "a table is needed")
    found: dict[SupervisionMode, str] = {}
    for mode, value in given.items():
        if mode not in list(SupervisionMode):
            raise wrong((section, mode), f"unknown mode; known are {', '.join(SupervisionMode)}")
        if not isinstance(value, str) or not form.fullmatch(value):
            raise wrong((section, mode), f"{wanted} is needed")
        found[SupervisionMode(mode)] = value
    return found
