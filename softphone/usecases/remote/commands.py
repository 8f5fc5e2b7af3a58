"""What each request of the control socket does, and by what its success is known.

`begin` starts the work and returns the condition of the answer; it raises when the request is refused at
once. Nothing here waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatchmethod

from softphone.domain.call import CallState, CallView
from softphone.domain.errors import BadInput, Broken, Refused, TryLater
from softphone.domain.events import CommandRefused
from softphone.domain.ids import AccountId, CallId, CampaignId
from softphone.domain.links import LONGEST_LINK
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.text import NOTE_LIMIT
from softphone.usecases.desk import Desk
from softphone.usecases.remote import pictures
from softphone.usecases.remote import requests as ask
from softphone.usecases.remote.accounts import account_asked_for
from softphone.usecases.remote.choice import RemoteChoice
from softphone.usecases.remote.record_pictures import history_picture
from softphone.usecases.remote.record_requests import RecordsRequest
from softphone.usecases.remote.recording_pictures import recording_picture
from softphone.usecases.remote.records import RemoteRecords
from softphone.usecases.remote.request import Request
from softphone.usecases.remote.status import RemoteStatus
from softphone.usecases.remote.team import RemoteTeam
from softphone.usecases.remote.team_requests import TeamRequest

Message = Mapping[str, object]
Condition = Callable[[], Message | None]
"""What the answer says once it is there; raises a `SoftphoneError` when it will never come."""


class RemoteCommands:
    """Thread: main. `quit_desk` ends the application; `show` brings the window up, with a link to dial."""

    def __init__(
        self,
        desk: Desk,
        status: RemoteStatus,
        quit_desk: Callable[[], None],
        show: Callable[[str], None],
    ) -> None:
        self._desk = desk
        self._status = status
        self._quit_desk = quit_desk
        self._show = show
        self._choice = RemoteChoice(desk.calling, desk.wrapping_up)
        self._team = RemoteTeam(desk.team)
        self._records = RemoteRecords(desk, self._choice)
        self._refusals: dict[CallId, CommandRefused] = {}
        desk.bus.subscribe(CommandRefused, self._on_refused)

    def begin(self, request: Request) -> Condition:
        """Start what `request` wants; raises a `SoftphoneError` when it cannot be."""
        self._refusals.clear()
        return self._begin(request)

    @singledispatchmethod
    def _begin(self, request: Request) -> Condition:
        raise BadInput("request", f"{type(request).__name__} is not known here")

    @_begin.register
    def _status_now(self, _request: ask.Status) -> Condition:
        return lambda: {"status": self._status.picture()}

    @_begin.register
    def _events(self, _request: ask.Events) -> Condition:
        return lambda: {**self._status.stamp("listening"), "status": self._status.picture()}

    @_begin.register
    def _place_call(self, request: ask.PlaceCall) -> Condition:
        account = AccountId(request.account) if request.account else self._desk.signing_in.first_registered()
        campaign = CampaignId(request.campaign) if request.campaign else None
        call_id = self._desk.calling.place_call(request.number, account, campaign)
        return self._call_is(call_id, lambda _call: True)

    @_begin.register
    def _answer(self, request: ask.AnswerCall) -> Condition:
        call = self._choice.ringing(request.call)
        self._desk.calling.answer(call.id)
        return self._call_is(call.id, lambda c: c.state is CallState.ESTABLISHED or not c.live)

    @_begin.register
    def _reject(self, request: ask.RejectCall) -> Condition:
        call = self._choice.ringing(request.call)
        if request.how is ask.RejectHow.IGNORE:
            self._desk.calling.ignore(call.id)
            return self._call_is(call.id, lambda c: c.silenced or not c.live)
        if request.how is ask.RejectHow.DECLINE:
            self._desk.calling.decline(call.id)
        else:
            self._desk.calling.busy(call.id)
        return self._call_is(call.id, lambda c: not c.live)

    @_begin.register
    def _hang_up(self, request: ask.HangUp) -> Condition:
        call = self._choice.any_live(request.call)
        self._desk.calling.hang_up(call.id)
        return self._call_is(call.id, lambda c: not c.live)

    @_begin.register
    def _hold(self, request: ask.Hold) -> Condition:
        call = self._choice.established(request.call, on_hold=False)
        self._desk.calling.hold(call.id)
        return self._call_is(call.id, lambda c: c.local_hold or not c.live)

    @_begin.register
    def _resume(self, request: ask.Resume) -> Condition:
        call = self._choice.established(request.call, on_hold=True)
        self._desk.calling.resume(call.id)
        return self._call_is(call.id, lambda c: not c.local_hold or not c.live)

    @_begin.register
    def _mute(self, request: ask.Mute) -> Condition:
        call = self._choice.established(request.call)
        muted = (not call.muted) if request.muted is None else request.muted
        self._desk.calling.mute(call.id, muted)
        return self._call_is(call.id, lambda c: c.muted is muted or not c.live)

    @_begin.register
    def _digits(self, request: ask.SendDigits) -> Condition:
        call = self._choice.established(request.call)
        self._desk.calling.send_dtmf(call.id, request.digits)
        return self._call_is(call.id, lambda _call: True)

    @_begin.register
    def _recording(self, request: ask.AskForRecording) -> Condition:
        call, recording = self._choice.established(request.call), self._desk.recording
        recording.order(call.id, request.order)
        how = recording.of(call)
        return self._at_once({"recording": recording_picture(call.id, how)} if how else {})

    @_begin.register
    def _transfer(self, request: ask.Transfer) -> Condition:
        if bool(request.target) == bool(request.to_call):
            raise BadInput("transfer", "either a target or another call is needed")
        if request.target:
            call = self._choice.established(request.call)
            self._desk.calling.transfer(call.id, request.target)
        else:
            other = self._choice.named(request.to_call)
            call = self._choice.established(request.call, besides=other.id)
            self._desk.calling.transfer_to_call(call.id, other.id)
        return self._transferred(call.id)

    @_begin.register
    def _join(self, request: ask.Join) -> Condition:
        calls = tuple(self._choice.named(name).id for name in request.calls) or tuple(
            call.id for call in self._desk.calling.calls if call.state is CallState.ESTABLISHED
        )
        if len(calls) < 2:
            raise Refused("conference", "two established calls are needed")
        self._desk.calling.join(calls)
        return self._at_once({"calls": list(calls)})

    @_begin.register
    def _ready(self, _request: ask.BeReady) -> Condition:
        self._desk.being_available.choose_ready()
        return self._agent

    @_begin.register
    def _not_ready(self, request: ask.BeNotReady) -> Condition:
        self._desk.being_available.choose_not_ready(request.reason)
        return self._agent

    @_begin.register
    def _wrap_up(self, request: ask.WrapUp) -> Condition:
        work = self._desk.wrapping_up
        call_id = self._choice.to_wrap_up(request.call)
        if request.note is not None and len(request.note) > NOTE_LIMIT:
            raise BadInput("note", f"longer than {NOTE_LIMIT} characters: nothing was changed")
        codes = request.codes or ((request.code,) if request.code else ())
        if codes:
            work.choose_codes(call_id, codes)
        for name, value in request.answers.items():
            work.answer_field(call_id, name, value)
        if request.note is not None:
            work.type_notes(call_id, request.note)
        if request.callback is not None:
            if request.callback.tzinfo is None:
                raise BadInput("callback", "the time needs its zone, as in 2026-03-02T09:30+01:00")
            work.plan_callback(call_id, request.callback, request.callback_number)
        if not request.save:
            work.write_down(call_id)
            return lambda: self._written(call_id)
        state = work.state(call_id)
        if not work.save(call_id) and not state.saving and not state.saved:
            raise self._incomplete(call_id)
        return lambda: self._outcome(call_id)

    def _written(self, call_id: CallId) -> Message | None:
        work = self._desk.wrapping_up
        if not work.is_written(call_id):
            return None
        return {"wrap_up": pictures.wrap_up_picture(work.state(call_id))}

    @_begin.register
    def _history(self, request: ask.History) -> Condition:
        before = self._desk.looking_back.loaded
        self._desk.looking_back.reload()

        def condition() -> Message | None:
            loaded = self._desk.looking_back.loaded
            if loaded is before:
                return None
            entries = [history_picture(e) for e in loaded.entries[: max(request.limit, 0)]]
            return {"history": entries, "waiting": loaded.waiting, "refused": loaded.refused}

        return condition

    @_begin.register
    def _open(self, request: ask.OpenLink) -> Condition:
        self._show(request.link[:LONGEST_LINK])
        return self._at_once({})

    @_begin.register
    def _read_settings(self, request: ask.ReadSettings) -> Condition:
        self._desk.provisioning.read_anew(tuple(map(AccountId, request.renewed)))
        return self._at_once({})

    @_begin.register
    def _add_account(self, request: ask.AddAccount) -> Condition:
        known = self._desk.configuring.settings.account(AccountId(request.account))
        account = account_asked_for(request, known)
        self._desk.signing_in.add(account, request.password)
        return self._at_once({"account": request.account})

    @_begin.register
    def _remove_account(self, request: ask.RemoveAccount) -> Condition:
        if self._desk.configuring.settings.account(AccountId(request.account)) is None:
            raise Refused("account", f"there is no account {request.account!r}")
        self._desk.signing_in.remove(AccountId(request.account))
        return self._at_once({"account": request.account})

    @_begin.register
    def _register(self, _request: ask.TryAgain) -> Condition:
        self._desk.try_again()
        return self._at_once({})

    @_begin.register
    def _export_trace(self, request: ask.ExportTrace) -> Condition:
        tracing = self._desk.tracing
        tracing.export(request.file, request.format)

        def written() -> Message | None:
            done = tracing.written
            if done is None:
                return None
            if done.problem:
                raise Broken("trace", done.problem)
            return {"file": done.path, "messages": done.messages}

        return written

    @_begin.register
    def _about_records(self, request: RecordsRequest) -> Condition:
        return self._records.begin(request)

    @_begin.register
    def _about_team(self, request: TeamRequest) -> Condition:
        return self._team.begin(request)

    @_begin.register
    def _quit(self, _request: ask.Quit) -> Condition:
        self._desk.ports.clock.after(0.0, self._quit_desk)  # the answer leaves first
        return self._at_once({})

    # --- how success is known ---

    def _on_refused(self, event: CommandRefused) -> None:
        if event.call_id is not None:
            self._refusals[event.call_id] = event

    def _call_is(self, call_id: CallId, reached: Callable[[CallView], bool]) -> Condition:
        def condition() -> Message | None:
            refused = self._refusals.get(call_id)
            if refused is not None:
                raise Refused(refused.reason.value, refused.detail)
            call = self._desk.calling.call(call_id)
            return {"call": self._status.call_picture(call)} if call and reached(call) else None

        return condition

    def _transferred(self, call_id: CallId) -> Condition:
        """The other side took the order (a 1xx or 2xx in its NOTIFY) or the call is over; it may say no."""

        def reached(call: CallView) -> bool:
            if call.transfer_code >= 300:
                raise Refused("transfer", f"the other side answered {call.transfer_code}")
            return call.transfer_code > 100 or not call.live

        return self._call_is(call_id, reached)

    def _agent(self) -> Message:
        return {"agent": self._status.agent_picture()}

    def _outcome(self, call_id: CallId) -> Message | None:
        state = self._desk.wrapping_up.state(call_id)
        if state.trouble is not StoreTrouble.NONE and not state.saving:
            raise TryLater("database", state.trouble.value)
        if state.saved and state.in_memory:
            raise TryLater("database", "finished, but in memory only; it is written once the disk works")
        return {"wrap_up": pictures.wrap_up_picture(state)} if state.saved else None

    def _incomplete(self, call_id: CallId) -> Refused:
        state = self._desk.wrapping_up.state(call_id)
        faults = (f"{fault.name}: {fault.trouble.value}" for fault in state.field_faults)
        problems = ", ".join((*(problem.value for problem in state.problems), *faults))
        call = self._desk.calling.call(call_id)
        campaign = self._desk.calling.campaign(call) if call else None
        codes = ", ".join(code.code for code in campaign.codes()) if campaign else ""
        return Refused(
            "wrap_up", f"{problems or 'the call still goes on'}" + (f"; codes: {codes}" if codes else "")
        )

    @staticmethod
    def _at_once(answer: Message) -> Condition:
        return lambda: answer
