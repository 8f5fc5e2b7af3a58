"""The first line of an installed softphone: its launchers give this file to the interpreter inside."""

import sys

sys.frozen = True  # type: ignore[attr-defined]  # PyInstaller's word for: there is no `-m`, start yourself again

from softphone.__main__ import main  # noqa: E402

sys.exit(main())
