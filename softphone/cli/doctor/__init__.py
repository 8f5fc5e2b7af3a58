"""`softphone doctor`: what is wrong with this phone, in words that say who must act."""

from softphone.cli.doctor.command import run

__all__ = ["run"]
