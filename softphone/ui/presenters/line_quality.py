"""Line quality in words and bars: how good, what is wrong, on which side, and what to do."""

from __future__ import annotations

from softphone.domain.audio import MediaQuality
from softphone.domain.events import LineWarned
from softphone.domain.line_quality import LineFault, LineSummary
from softphone.ui.presenters.phrases import Advice
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import mark

GOOD_MOS, FAIR_MOS = 3.9, 3.3
"""Above the first most people are satisfied, below the second many are not (ITU-T G.107, annex B)."""

_MOVE = mark("Move to a cable or closer to the router; pause downloads and video.")
_ADVICE: dict[LineFault, Advice] = {
    LineFault.NETWORK_IN: Advice(mark("Your network loses {percent} % of the other side's sound."), _MOVE),
    LineFault.NETWORK_OUT: Advice(
        mark("Your network loses {percent} % of your voice; the other side hears gaps."), _MOVE
    ),
    LineFault.NETWORK: Advice(
        mark("Your network loses up to {percent} % of the sound in both directions."), _MOVE
    ),
    LineFault.SLOW: Advice(
        mark("Sound takes {delay} ms there and back; you may talk over each other."),
        mark("Leave a short pause before you speak. If it lasts, switch off the VPN or ask your IT."),
    ),
    LineFault.COMPUTER: Advice(
        mark("This computer is too busy: the sound has gaps."), mark("Close other programs.")
    ),
    LineFault.OTHER_SIDE: Advice(
        mark("The other side's line has gaps ({percent} %); your network is in order."),
        mark("Offer to call back on another number."),
    ),
    LineFault.NOTHING_ARRIVES: Advice(
        mark("No sound arrives from the telephone system."),
        mark("Call again. If it stays silent, ask your IT whether a firewall blocks the sound."),
    ),
}
_KEPT = {
    LineFault.NETWORK_IN: mark("your network lost incoming sound"),
    LineFault.NETWORK_OUT: mark("your network lost outgoing sound"),
    LineFault.NETWORK: mark("your network lost sound"),
    LineFault.SLOW: mark("long delay"),
    LineFault.COMPUTER: mark("computer too busy"),
    LineFault.OTHER_SIDE: mark("gaps on the other side's line"),
    LineFault.NOTHING_ARRIVES: mark("no sound arrived"),
}


def level_of(mos: float) -> tuple[str, str, Tone]:
    """Bars (an icon), words and tone."""
    if mos >= GOOD_MOS:
        return "signal", mark("Line is good"), Tone.GOOD
    if mos >= FAIR_MOS:
        return "signal-fair", mark("Line is fair"), Tone.WARNING
    return "signal-weak", mark("Line is bad"), Tone.DANGER


def present_level(wording: Wording, quality: MediaQuality) -> tuple[str, str, Tone]:
    """Bars, words and tone of the last interval; a bad line tells who hears the gaps."""
    icon, words, tone = level_of(quality.mos)
    if tone is Tone.DANGER and quality.rx_loss_percent != quality.tx_loss_percent:
        ours = quality.rx_loss_percent > quality.tx_loss_percent
        words = mark("Line is bad: you hear gaps") if ours else mark("Line is bad: they hear gaps")
    return icon, wording.words.t(words), tone


def present_warning(wording: Wording, warned: LineWarned) -> tuple[str, str]:
    """What is wrong, and what to do about it; empty texts when nothing is."""
    advice = _ADVICE.get(warned.fault)
    if advice is None:
        return "", ""
    what = wording.words.t(advice.what, percent=round(warned.percent), delay=round(warned.round_trip_ms))
    return what, wording.words.t(advice.do)


def present_kept(wording: Wording, line: LineSummary | None) -> str:
    """The line of a call that is over, in a few words for the call list; empty if it was good."""
    if line is None or not line.mos or (line.mos >= GOOD_MOS and line.fault is LineFault.NONE):
        return ""
    t = wording.words.t
    why = t(_KEPT[line.fault]) if line.fault in _KEPT else ""
    return wording.words.join((t(level_of(line.mos)[1]), why))
