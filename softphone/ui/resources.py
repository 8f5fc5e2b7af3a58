"""Where the files beside the code are: in a checkout, an installation and a frozen bundle alike."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
