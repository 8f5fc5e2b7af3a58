"""The SIP trace of a real engine as files."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from softphone.domain.events import TraceExported
from softphone.domain.sip_trace import TraceFormat
from tests.peers.asterisk import Asterisk
from tests.phone.handset import Handset


def exported(handset: Handset, file: Path, form: TraceFormat) -> TraceExported:
    handset.telephone.export_trace(str(file), form)
    return handset.expect(TraceExported)


def test_the_trace_of_a_call_is_written_in_three_ways(
    asterisk: Asterisk, handset: Handset, tmp_path: Path
) -> None:
    handset.call_and_talk("600")
    text, pcap, ladder = tmp_path / "t.txt", tmp_path / "t.pcap", tmp_path / "t.json"
    told = exported(handset, text, TraceFormat.TEXT)
    assert (told.path, told.problem) == (str(text), "")
    assert told.messages >= 8
    written = text.read_text(encoding="utf-8")
    assert "INVITE sip:600@" in written
    assert "response=" not in written
    assert asterisk.accounts["7001"].password not in written
    assert stat.S_IMODE(text.stat().st_mode) == 0o600
    exported(handset, pcap, TraceFormat.PCAP)
    assert pcap.read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"
    exported(handset, ladder, TraceFormat.LADDER)
    steps = json.loads(ladder.read_text(encoding="utf-8"))["steps"]
    labels = [step["label"] for step in steps]
    begun = labels.index("INVITE")
    assert labels[begun : begun + 4] == ["INVITE", "401 Unauthorized", "ACK", "INVITE"]
    assert {step["direction"] for step in steps} == {"sent", "received"}


def test_a_file_that_cannot_be_written_is_told(handset: Handset, tmp_path: Path) -> None:
    told = exported(handset, tmp_path / "nowhere" / "t.txt", TraceFormat.TEXT)
    assert told.messages == 0
    assert told.problem == "No such file or directory"
