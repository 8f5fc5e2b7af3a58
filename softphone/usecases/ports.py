"""What the use cases need from the world. Each port is a command side; answers come back as domain events.

No method here blocks: adapters work elsewhere and post events, which `ui/pump.py` (or the test's) delivers on
the main thread. Commands never raise for what the network, the CRM or the disk does; they raise for bugs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from softphone.domain.account import Account
from softphone.domain.address import PhoneNumber
from softphone.domain.audio import AudioChoice, AudioRole, SoundTest
from softphone.domain.call import DtmfMethod
from softphone.domain.campaign import CampaignCodes
from softphone.domain.crm_work import BrowserWords, DoNotCallQuery, NewCustomer, ReportedState, TextQuery
from softphone.domain.customer import CustomerQuery
from softphone.domain.customer_cache import CacheKey, CacheScope, KeptCustomers
from softphone.domain.delivery import CallLog, Delivery, DeliveryState
from softphone.domain.ids import AccountId, CallId, CampaignId, DeliveryId, QueryId
from softphone.domain.provisioning import ProvisioningOrder, ProvisioningState
from softphone.domain.settings import CallSettings, Settings
from softphone.domain.settings_layers import SetBy, SettingsFault
from softphone.domain.sip_trace import TraceFormat
from softphone.domain.wrap_up import CallRecord, Draft, RecordsShown, RecordStatus, WrapUp


class Telephone(Protocol):
    """The engine. Events: everything in the first two parts of `domain.events`."""

    def start(self, calls: CallSettings, audio: AudioChoice) -> None:
        """Attach to a living engine or start one; `EngineAttached` follows."""

    def open_account(self, account: Account, password: str) -> None:
        """Register and keep registered. The password stays in memory for the engine's next life."""

    def close_account(self, account_id: AccountId) -> None: ...
    def register_now(self, account_id: AccountId) -> None: ...
    def place_call(
        self, call_id: CallId, account_id: AccountId, target: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None: ...
    def answer(self, call_id: CallId) -> None: ...
    def reject(self, call_id: CallId, sip_code: int) -> None: ...
    def silence_ringer(self, call_id: CallId) -> None: ...
    def hang_up(self, call_id: CallId) -> None: ...
    def hold(self, call_id: CallId) -> None: ...
    def resume(self, call_id: CallId) -> None: ...
    def mute(self, call_id: CallId, muted: bool) -> None: ...
    def send_dtmf(self, call_id: CallId, digits: str, method: DtmfMethod | None = None) -> None: ...
    def transfer(self, call_id: CallId, target: str) -> None: ...
    def transfer_to_call(self, call_id: CallId, consultation_id: CallId) -> None: ...
    def join_calls(self, call_ids: tuple[CallId, ...]) -> None: ...
    def choose_audio(self, choice: AudioChoice) -> None: ...
    def refresh_devices(self) -> None: ...
    def set_volume(self, role: AudioRole, gain_db: float) -> None: ...
    def watch_levels(self, on: bool) -> None: ...
    def start_sound_test(self, test: SoundTest) -> None:
        """Try the devices out without a call; `SoundTestChanged` or `CommandRefused` follows."""

    def stop_sound_test(self) -> None: ...
    def watch_line(self, account_id: AccountId, target: str) -> None:
        """Follow a colleague's line (digits or a sip: URI): `LineStateChanged` now and at each change.

        It begins when the account is registered and outlives lost connections, dead engines and another
        sign-in. The server decides who may watch whom.
        """

    def unwatch_line(self, account_id: AccountId, target: str) -> None: ...
    def export_trace(self, path: str, form: TraceFormat) -> None:
        """Write the last SIP messages, secrets masked, into a file of this user; `TraceExported` follows."""

    def shut_down(self) -> None:
        """Hang up, un-register and end the engine. Blocks for a bounded time; only for quitting."""


class Deliveries(Protocol):
    """What brings outcomes into a CRM. Event: `DeliveryAttempted`."""

    def deliver(self, delivery: Delivery) -> None:
        """Try once to bring `delivery` into the CRM; one `DeliveryAttempted` follows.

        If `delivery.attempts` is above zero the CRM is asked first whether the record is already there.
        All kinds go this way: outcomes, their corrections, changed fields of a customer, callbacks and tasks.
        """


class Crm(Deliveries, Protocol):
    """Customer relationship management. Events: `CustomerLookedUp`, `DeliveryAttempted` and all of
    `domain.crm_events`; `CrmDescribed` at the start says what each connection can do."""

    def find(self, query: CustomerQuery) -> None:
        """Ask who the caller is; never creates anything. One `CustomerLookedUp` follows unless cancelled."""

    def cancel(self, query_id: QueryId) -> None:
        """Nobody waits for the answer any more (the caller gave up)."""

    def search(self, query: TextQuery) -> None:
        """Look for customers by name or text; one `CustomersFound` follows unless cancelled."""

    def create_customer(self, new: NewCustomer) -> None:
        """Create a customer, because the agent said so; one `CustomerCreated` follows."""

    def fetch_codes(self, crm: str, campaign_id: CampaignId) -> None:
        """Ask for the campaign's disposition codes; one `CodesFetched` follows."""

    def check_do_not_call(self, query: DoNotCallQuery) -> None:
        """Ask whether a number may be called; one `DoNotCallChecked` follows unless cancelled."""

    def report_state(self, crm: str, state: ReportedState) -> None:
        """Tell a CRM the agent's state; nothing follows. The latest takes the place of one under way."""

    def sign_in(self, crm: str, words: BrowserWords = BrowserWords()) -> None:  # noqa: B008 - frozen
        """Sign in to a connection: in the browser, with a device code, or by trying the stored secret.

        `CrmSignInChanged` follows for each step, last with `DONE` or `FAILED`. `words` are what the browser
        shows at the end.
        """

    def cancel_sign_in(self, crm: str) -> None:
        """The agent has given up; nothing follows."""

    def sign_out(self, crm: str) -> None:
        """Forget the connection's secret; `CrmSignInChanged` with `SIGNED_OUT` or `FAILED` follows."""

    def check(self, crm: str, number: PhoneNumber, text: str = "") -> None:
        """Try everything that a call would need, without changing anything; a `CrmStepChecked` for each step
        and one `CrmCheckEnded` follow. `text` is for the search box, empty for the name that was found."""

    def cancel_check(self, crm: str) -> None:
        """Nobody looks at it any more; nothing follows."""


class CustomerCache(Protocol):
    """Customers kept on this computer, encrypted, expendable. Events: `CustomersRecalled`,
    `KeptCustomersCounted`. It never reports trouble: what cannot be kept is asked for again."""

    def open(self) -> None:
        """Use it from now on; what cannot be read (another key, damage) is deleted and begun anew."""

    def recall(self, query_id: QueryId, call_id: CallId, key: CacheKey, not_before: datetime) -> None:
        """`CustomersRecalled` follows, with what was kept under `key` at `not_before` or later."""

    def keep(self, key: CacheKey, kept: KeptCustomers, at_most: int) -> None:
        """Keep it in the place of what was there; no matches forget. Beyond `at_most` callers the ones that
        were not heard of longest go."""

    def tidy(self, scopes: frozenset[CacheScope], not_before: datetime) -> None:
        """Forget what is older, and all that belongs to other scopes; nothing of it stays on the disk."""

    def forget_all(self) -> None:
        """Delete everything; `KeptCustomersCounted` follows."""

    def count(self) -> None:
        """`KeptCustomersCounted` follows."""

    def close(self) -> None:
        """Blocks for a bounded time; only for quitting."""


class Records(Protocol):
    """The encrypted database. Events: `StoreOpened`, `StoreFailed`, `DraftSaved`, `WrapUpSaved`,
    `DeliveriesDue`, `DeliveryRecorded`, `HistoryLoaded`, `BarredNumbersLoaded`, `CallbacksLoaded`,
    `CodesKept`, `RecordsPurged`, `RecordsExported`, `StoreDescribed`, `WrittenOff`, `KeyChanged`.
    Commands are carried out in order."""

    def open(self) -> None:
        """Open or create the database; `StoreOpened` follows. Again after trouble: try once more."""

    def begin_anew(self) -> None:
        """The user's word after `KEY_WRONG` or `KEY_MISSING`: set the unreadable database aside under another
        name (never deleted) and begin a new one; `StoreOpened` follows."""

    def record_call(self, record: CallRecord, status: RecordStatus) -> None:
        """Insert or update the facts of a call."""

    def save_draft(self, draft: Draft, correcting: DeliveryId | None = None) -> None:
        """Keep what is typed; `DraftSaved` or `StoreFailed` follows. Of a saved wrap-up it is kept only if it
        corrects that delivery, or the CRM has refused it."""

    def save_wrap_up(
        self, wrap_up: WrapUp, delivery: Delivery | None, tasks: tuple[Delivery, ...] = ()
    ) -> None:
        """Commit the wrap-up and its outbox entries in one transaction; `WrapUpSaved` or `StoreFailed`
        follows. `tasks` are delivered after it.

        Saving the same call's wrap-up twice keeps the first delivery: it is one outcome, one record. So does
        `log_early`: the outcome goes out with its delivery or, if that may have arrived, as its update.
        """

    def log_early(self, delivery: Delivery) -> None:
        """Have the CRM told of a call before its outcome is saved; `DeliveryAdded` or `StoreFailed` follows.
        The call must be on record; it is told of once."""

    def correct_wrap_up(
        self,
        wrap_up: WrapUp,
        delivery_id: DeliveryId,
        log: CallLog,
        now: datetime,
        updates: bool = False,
        tasks: tuple[Delivery, ...] = (),
    ) -> None:
        """Replace a saved wrap-up, and have the CRM told `log`: in the place of what it has refused or was
        not sent yet, or, if it can change its records (`updates`), as an update of what it has or may have.
        `tasks` are new ones. `WrapUpSaved` follows, or `StoreFailed` with SUPERSEDED if it cannot be
        corrected any more."""

    def abandon_correction(self, delivery_id: DeliveryId) -> None:
        """Let the draft of that record be again what was sent of it; `DraftSaved` follows."""

    def write_off(self, delivery_id: DeliveryId, reason: str) -> None:
        """Close a delivery that was refused, or waits after failed attempts, for good; `WrittenOff` follows.
        If an attempt that is under way succeeds all the same, it counts as delivered."""

    def add_delivery(self, delivery: Delivery) -> None:
        """Commit something else for the CRM (a change of the customer, a task); `DeliveryAdded` or
        `StoreFailed` follows. The call must be on record; the same id twice is one delivery."""

    def load_refused_changes(self) -> None:
        """`RefusedChangesLoaded` follows."""

    def load_due(self, now: datetime, limit: int) -> None:
        """`DeliveriesDue` follows with at most `limit` deliveries whose time has come, oldest first.

        One per CRM, its oldest: outcomes arrive in order. What is handed out is marked as begun; if this
        process dies before `record_attempt`, the next one gets it with `attempts` above zero.
        """

    def record_attempt(
        self, delivery: Delivery, state: DeliveryState, next_attempt_at: datetime | None, remote_id: str = ""
    ) -> None:
        """Commit how an attempt ended (attempts, trouble and detail are taken from `delivery`);
        `DeliveryRecorded` follows."""

    def retry_delivery(self, delivery_id: DeliveryId, now: datetime) -> None:
        """Make a refused or waiting delivery due now."""

    def wake_deliveries(self, crm: str, now: datetime) -> None:
        """Make due now what waits because this CRM did not take the credentials."""

    def load_history(self, limit: int, search: str = "", shown: RecordsShown = RecordsShown.ALL) -> None:
        """`HistoryLoaded` follows with the newest calls that contain `search` in number, name or notes, of
        the part that is `shown`."""

    def load_callbacks(self) -> None:
        """`CallbacksLoaded` follows: the promises of saved wrap-ups that are not kept yet."""

    def finish_callback(self, call_id: CallId, now: datetime) -> None:
        """The callback promised in that call is done; `CallbacksLoaded` follows."""

    def keep_codes(self, codes: CampaignCodes) -> None:
        """Remember what the CRM named as outcomes of a campaign."""

    def load_codes(self) -> None:
        """`CodesKept` follows."""

    def load_barred_numbers(self) -> None:
        """`BarredNumbersLoaded` follows: what saved wrap-ups with the action do_not_call have barred."""

    def purge(self, before: datetime) -> None:
        """Forget all calls begun before `before`, their customers and notes, but for those that are still
        live, open, waiting or refused, or promise a callback after `before`; nothing of them stays on the
        disk. `RecordsPurged` follows."""

    def describe(self) -> None:
        """`StoreDescribed` follows, for the diagnostics."""

    def export(self) -> None:
        """`RecordsExported` follows: every record without anything of a customer, for support."""

    def change_key(self) -> None:
        """Encrypt everything with a new key, kept in the key store first; `KeyChanged` or `StoreFailed`
        follows. Interrupted at any moment, either key opens the database the next time."""

    def close(self) -> None:
        """Finish what was commanded and close. Blocks for a bounded time; only for quitting."""


class Secrets(Protocol):
    """The operating system's key store. Calls may block while the user unlocks it: never during a call.

    Raises `Broken` when there is no safe key store, `TryLater` when it is locked.
    """

    def read(self, name: str) -> str | None: ...
    def write(self, name: str, secret: str) -> None: ...
    def delete(self, name: str) -> None: ...


class SettingsFile(Protocol):
    """The layered settings."""

    def load(self) -> Settings:
        """Return the merged settings; raise `BadInput` that names file, line and key."""

    def save(self, settings: Settings) -> None:
        """Write what differs from the lower layers to the user's layer, atomically."""

    def locked(self) -> Mapping[str, SetBy]:
        """Dotted keys that the user cannot change, and who has set each."""

    @property
    def faults(self) -> tuple[SettingsFault, ...]:
        """What could not be used of the layers above the user's, at the last loading."""


class CompanyProfiles(Protocol):
    """The company's profile. Events: `ProvisioningChecked`."""

    def state(self) -> ProvisioningState:
        """What is known of the profile in force."""

    def carry_out(self, order: ProvisioningOrder) -> None:
        """Fetch, check, put in force, enrol; one `ProvisioningChecked` follows. One order after the other."""


class NumberPlan(Protocol):
    """What telephone numbers mean (libphonenumber)."""

    def read(self, raw: str, region: str) -> PhoneNumber:
        """Understand a number as signalled or typed; never raises, an unknown form keeps only `raw`."""

    def as_typed(self, text: str, region: str) -> str:
        """Format what is being typed; text that is no number is returned unchanged."""


class Desktop(Protocol):
    def open_link(self, url: str) -> bool:
        """Open an http or https link in the system's browser; tell whether the system took it."""


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC, aware."""

    def monotonic(self) -> float:
        """Seconds that only grow, for delays."""

    def after(self, delay_s: float, action: Callable[[], None]) -> Timer:
        """Call `action` on the main thread once, `delay_s` seconds from now."""


class Identities(Protocol):
    """Where new ids and chance come from."""

    def call(self) -> CallId: ...
    def query(self) -> QueryId: ...
    def delivery(self, now: datetime) -> DeliveryId: ...
    def jitter(self) -> float:
        """Between 0 and 1."""
