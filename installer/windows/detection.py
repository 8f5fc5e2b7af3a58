"""The detection script for Intune (Win32 apps): says something and ends with 0 when this version is there."""

from __future__ import annotations

from pathlib import Path

from installer.windows import identity, programs

NAME = "detect.ps1"
_SCRIPT = """\
# Intune: Apps > Windows > Softphone > Detection rules > Use a custom detection script.
# Run as a 64-bit process, no signature check needed. At least {version} installed: a line, exit code 0.
$wanted = [version]'{version}'
try {{
    $setup = Get-ItemProperty -Path 'HKLM:\\{key}' -ErrorAction Stop
    $program = Join-Path $setup.InstallDir '{program}'
    if (([version]$setup.Version -ge $wanted) -and (Test-Path -LiteralPath $program)) {{
        Write-Output "Softphone $($setup.Version) is installed"
        exit 0
    }}
}} catch {{
    # not installed, or damaged: Intune installs it
}}
exit 1
"""


def write(folder: Path, version: str) -> None:
    """Write the script for this version into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = _SCRIPT.format(version=version, key=identity.SETUP_KEY, program=programs.WINDOWED)
    (folder / NAME).write_text(text, encoding="ascii", newline="\r\n")
