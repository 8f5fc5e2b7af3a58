"""Makes the MSI with msitools: wixl lays files and registry down, the rest is written into its tables."""

from __future__ import annotations

from pathlib import Path

from installer.building.tools import need, run
from installer.windows import programs, properties, wxs

_TRANSITIVE, _REGISTRY_KEY_PATH, _BITS_64 = 64, 4, 256
_RUN_INSTALLED_FILE, _IGNORE_ANSWER = 18, 64
_RAW_64 = 18
"""A value of the 64-bit registry; wixl asks the 32-bit one."""

_AFTER_SEARCHING = 51
"""AppSearch stands at 50, LaunchConditions at 100; wixl loses its way in a longer chain."""

_BEFORE_REMOVING = 3_450
"""RemoveFiles stands at 3500 in the execute sequence."""


def build(tree: Path, icon: Path, work: Path, version: str, target: Path) -> None:
    """Pack `tree` into the installer package `target`."""
    need("wixl", "msibuild")
    work.mkdir(parents=True, exist_ok=True)
    text = wxs.source(tree, icon, work, version)
    (work / "softphone.wxs").write_text(text, encoding="utf-8")
    target.unlink(missing_ok=True)
    run(["wixl", "--arch", "x64", "--output", target.absolute(), "softphone.wxs"], cwd=work)
    for query in _queries():
        run(["msibuild", target, "-q", query])


def _queries() -> list[str]:
    """What wixl cannot say: conditions of components, secure properties, the user's data on request."""
    attributes = _BITS_64 + _REGISTRY_KEY_PATH + _TRANSITIVE
    queries = [
        f"UPDATE `Component` SET `Condition` = '{condition}', `Attributes` = {attributes} "
        f"WHERE `Component` = '{name}'"
        for name, condition in wxs.conditional().items()
    ]
    secure = ";".join(("WIX_UPGRADE_DETECTED", "WIX_DOWNGRADE_DETECTED", *properties.SECURE))
    forget = _RUN_INSTALLED_FILE + _IGNORE_ANSWER
    program = wxs.file_id(programs.CONSOLE)
    wanted = f'REMOVE = "ALL" AND {properties.REMOVE_USER_DATA} = "1" AND NOT UPGRADINGPRODUCTCODE'
    forgetting = (
        "INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) "
        f"VALUES ('ForgetUserData', {forget}, '{program}', 'forget --yes')"
    )
    when = (
        "INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) "
        f"VALUES ('ForgetUserData', '{wanted}', {_BEFORE_REMOVING})"
    )
    order = [
        f"UPDATE `InstallExecuteSequence` SET `Sequence` = {_AFTER_SEARCHING + index} "
        f"WHERE `Action` = '{step.action}'"
        for index, step in enumerate(properties.steps())
    ]
    return [
        *queries,
        *order,
        f"UPDATE `RegLocator` SET `Type` = {_RAW_64}",
        "UPDATE `InstallExecuteSequence` SET `Sequence` = 1501 WHERE `Action` = 'RemoveExistingProducts'",
        "DELETE FROM `Property` WHERE `Property` = 'SecureCustomProperties'",
        f"INSERT INTO `Property` (`Property`, `Value`) VALUES ('SecureCustomProperties', '{secure}')",
        forgetting,
        when,
    ]
