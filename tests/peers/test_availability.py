"""A missing peer: skipped with its reason on a developer's machine, a failure where it is required."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers import debian
from tests.peers.availability import PeerMissingError, find_program
from tests.peers.fixtures import peer_or_skip


def _outcome(config: pytest.Config, get: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException, match="peer teapot") as caught:
        peer_or_skip(config, "teapot", get)
    return caught.value


def _missing() -> object:
    return find_program("no-such-program-teapot", "teapot")


def test_a_missing_peer_skips_with_the_package_that_would_help(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(pytestconfig.option, "require_peers", False)
    outcome = _outcome(pytestconfig, _missing)
    assert isinstance(outcome, pytest.skip.Exception)
    assert "apt-get install teapot" in str(outcome)


@pytest.mark.parametrize("how", ["the option", "CI"])
def test_a_missing_peer_fails_where_peers_are_required(
    how: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytestconfig.option, "require_peers", how == "the option")
    monkeypatch.setenv("CI", "true" if how == "CI" else "")
    assert isinstance(_outcome(pytestconfig, _missing), pytest.fail.Exception)


def test_a_fetched_tree_needs_no_network_and_an_unfetched_one_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTPHONE_PEERS", str(tmp_path))
    monkeypatch.setattr(debian, "find_program", lambda *_: _missing())
    (tmp_path / "there").mkdir()
    (tmp_path / "there/.complete").touch()
    assert debian.unpacked("there", "sid", ["teapot"]).root == tmp_path / "there"
    with pytest.raises(PeerMissingError, match="teapot"):
        debian.unpacked("not-there", "sid", ["teapot"])
    assert not (tmp_path / "not-there").exists()
