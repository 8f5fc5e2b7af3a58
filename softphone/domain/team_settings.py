"""What is configured about the team: who leads, who belongs to it, what is shown and what the law allows."""

from __future__ import annotations

from softphone.domain.facts import dataclass
from softphone.domain.supervision import DIRECT, Notice, Role, SupervisionMode, SupervisionPolicy
from softphone.domain.team import AlarmLimits, NumberShown, TeamMember, WatchedQueue


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """`role` = "lead" opens team view and supervision at this desk; it gives no right at any other phone.

    `leads` are the SIP users (or user@domain) who may listen to this phone, as the server asserts them, and
    who get requests for help. `notice` is what the agent is told; `modes` what leads may do here. `way` is
    how this lead's desk comes in: "direct", the name of a shipped template (asterisk, asterisk-keys,
    freeswitch, generic) or the path of an own one. `publish_state` tells the team this agent's state.
    Numbers of customers leave this phone, and are shown in the team view, as `numbers` says. Alarms in
    seconds, 0: none.
    """

    role: Role = Role.AGENT
    leads: tuple[str, ...] = ()
    notice: Notice = Notice.BADGE
    modes: tuple[SupervisionMode, ...] = tuple(SupervisionMode)
    way: str = DIRECT
    members: tuple[TeamMember, ...] = ()
    queues: tuple[WatchedQueue, ...] = ()
    numbers: NumberShown = NumberShown.MASKED
    publish_state: bool = True
    alarm_long_call_s: int = 600
    alarm_long_wrap_up_s: int = 180

    @property
    def is_lead(self) -> bool:
        return self.role is Role.LEAD

    def policy(self) -> SupervisionPolicy:
        """What this phone allows others."""
        return SupervisionPolicy(self.leads, self.notice, self.modes)

    def limits(self) -> AlarmLimits:
        return AlarmLimits(self.alarm_long_call_s, self.alarm_long_wrap_up_s)

    def member(self, extension: str) -> TeamMember | None:
        return next((m for m in self.members if m.extension == extension), None)
