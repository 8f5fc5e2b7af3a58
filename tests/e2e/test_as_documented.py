"""IT's ten minutes: a company's real CRM connected with nothing but what the documentation says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from softphone.system.folders import folders
from tests.cli.desk_process import Program
from tests.crm.packs.real_bottlecrm import behind_a_relay
from tests.crm.shapes.shape import Person
from tests.peers.bottlecrm import BottleCrm
from tests.peers.secret_service import SecretService

pytestmark = [
    pytest.mark.peer("bottlecrm"), pytest.mark.peer("secret_service"), pytest.mark.xdist_group("bottlecrm"),
]  # fmt: skip

DOCS = Path(__file__).parents[2] / "docs"
ANNA = Person("Anna", "Ek", "020 7946 0018", "Ek AB", "anna@example.com")


def block(page: str, table: str) -> str:
    """The TOML of that page that begins with `table`."""
    blocks: list[str] = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    return next(text for text in blocks if text.startswith(table))


def test_bottlecrm_is_connected_and_checked_as_its_page_says(
    bottlecrm: BottleCrm, secret_service: SecretService, tmp_path: Path
) -> None:
    program = Program(tmp_path / "profile", secret_service.environment)
    where = folders(program.folder)
    where.create()
    connection = block("crm/bottlecrm.md", "[[crms]]").replace("https://crm.example.com", bottlecrm.base_url)
    campaign = block("crm-packs.md", "[[campaigns]]")
    where.settings_file.write_text(f"{connection}\n{campaign}", encoding="utf-8")
    with behind_a_relay(bottlecrm) as crm:
        crm.add(ANNA)

        wrong = program.run("crm", "sign-in", "main", "--secret-stdin", given="not-the-token")
        assert wrong.returncode == 1
        assert "not-the-token" not in wrong.stdout + wrong.stderr
        signed_in = program.run("crm", "sign-in", "main", "--secret-stdin", given=bottlecrm.token)
        assert signed_in.returncode == 0, signed_in.stderr

        checked = program.run("crm", "check", "main", "--number", "+442079460018")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert "Anna Ek" in checked.stdout
        assert bottlecrm.token not in checked.stdout + checked.stderr
    assert bottlecrm.token not in "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in program.folder.rglob("*")
        if path.is_file()
    )
