"""A CRM that answers what the test scripts, when the test wants it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from softphone.domain.address import PhoneNumber
from softphone.domain.campaign import Disposition
from softphone.domain.crm_events import (
    CodesFetched,
    CrmCheckEnded,
    CrmDescribed,
    CrmSignInChanged,
    CrmSignInNeeded,
    CrmStepChecked,
    CustomerCreated,
    CustomersFound,
    DoNotCallChecked,
)
from softphone.domain.crm_work import (
    BrowserWords,
    CheckStep,
    CrmDescription,
    DoNotCallQuery,
    NewCustomer,
    Permission,
    ReportedState,
    SignInNews,
    SignInStep,
    TextQuery,
)
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery, Lookup
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind, DeliveryResult
from softphone.domain.events import Event
from softphone.domain.ids import CampaignId, CustomerId, DeliveryId, QueryId
from softphone.domain.keeping_events import DeliveryAttempted


class FakeCrm:
    """Implements `usecases.ports.Crm`.

    Nothing is answered before `answer_all` (or `answer`, `answer_with`): a real adapter never answers inside
    the call either. `know` puts customers in; `fail_finds` and `fail_deliveries` script troubles, one per
    attempt. A trouble with `written=True` records the call before it fails: the answer was lost, or what
    completes the record was refused.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._known: list[Customer] = []
        self._find_troubles: deque[CrmTrouble] = deque()
        self._delivery_troubles: deque[tuple[CrmTrouble, bool, float]] = deque()
        self.asked: list[CustomerQuery] = []
        """Every question ever put."""
        self.cancelled: list[QueryId] = []
        self.open_queries: dict[QueryId, CustomerQuery] = {}
        self.open_deliveries: dict[DeliveryId, Delivery] = {}
        self.attempted: list[Delivery] = []
        self.records: dict[DeliveryId, CallLog] = {}
        """What the CRM holds: one record per idempotency key, however often it was sent."""
        self.written: dict[DeliveryId, Delivery] = {}
        """Everything delivered, of whatever kind, once per key."""
        self.changes_records = True
        """Whether it can change a call that it has."""
        self.codes: tuple[Disposition, ...] = ()
        self.barred: set[str] = set()
        """E.164 numbers that must not be called."""
        self.searched: list[TextQuery] = []
        self.created: list[NewCustomer] = []
        self.open_searches: dict[QueryId, TextQuery] = {}
        self.open_creations: dict[DeliveryId, NewCustomer] = {}
        self.open_codes: list[tuple[str, CampaignId]] = []
        self.open_permissions: dict[QueryId, DoNotCallQuery] = {}
        self.signing_in: list[str] = []
        """Connections whose sign-in goes on."""
        self.checking: list[tuple[str, PhoneNumber, str]] = []
        """Checks that were asked for."""
        self.reported: list[tuple[str, ReportedState]] = []
        self._work_troubles: deque[tuple[CrmTrouble, bool]] = deque()

    def know(self, *customers: Customer) -> None:
        self._known.extend(customers)

    def forget_all(self) -> None:
        """The CRM holds no customers any more."""
        self._known.clear()

    def fail_finds(self, *troubles: CrmTrouble) -> None:
        self._find_troubles.extend(troubles)

    def fail_deliveries(
        self, *troubles: CrmTrouble, written: bool = False, retry_after_s: float = 0.0
    ) -> None:
        self._delivery_troubles.extend((trouble, written, retry_after_s) for trouble in troubles)

    def fail_work(self, *troubles: CrmTrouble, written: bool = False) -> None:
        """Script troubles of searches, creations, codes and permissions, one per answer."""
        self._work_troubles.extend((trouble, written) for trouble in troubles)

    def describe(self, description: CrmDescription) -> None:
        """Post what a connection can do, as the adapter does at its start."""
        self._post(CrmDescribed(description))

    def refuse_credentials(self, crm: str, detail: str = "401 Unauthorized") -> None:
        """The CRM takes the credentials no more, in mid-shift."""
        self._post(CrmSignInNeeded(crm, detail))

    # --- the port ---------------------------------------------------------------------------------------

    def find(self, query: CustomerQuery) -> None:
        self.asked.append(query)
        self.open_queries[query.id] = query

    def cancel(self, query_id: QueryId) -> None:
        self.cancelled.append(query_id)
        self.open_queries.pop(query_id, None)
        self.open_searches.pop(query_id, None)
        self.open_permissions.pop(query_id, None)

    def deliver(self, delivery: Delivery) -> None:
        self.attempted.append(delivery)
        self.open_deliveries[delivery.id] = delivery

    def search(self, query: TextQuery) -> None:
        self.searched.append(query)
        self.open_searches[query.id] = query

    def create_customer(self, new: NewCustomer) -> None:
        self.created.append(new)
        self.open_creations[new.id] = new

    def fetch_codes(self, crm: str, campaign_id: CampaignId) -> None:
        self.open_codes.append((crm, campaign_id))

    def check_do_not_call(self, query: DoNotCallQuery) -> None:
        self.open_permissions[query.id] = query

    def report_state(self, crm: str, state: ReportedState) -> None:
        self.reported.append((crm, state))

    def sign_in(self, crm: str, words: BrowserWords = BrowserWords()) -> None:  # noqa: B008 - frozen
        self.signing_in.append(crm)

    def cancel_sign_in(self, crm: str) -> None:
        if crm in self.signing_in:
            self.signing_in.remove(crm)

    def sign_out(self, crm: str) -> None:
        self._post(CrmSignInChanged(SignInNews(crm, SignInStep.SIGNED_OUT)))

    def check(self, crm: str, number: PhoneNumber, text: str = "") -> None:
        self.checking.append((crm, number, text))

    def cancel_check(self, crm: str) -> None:
        self.checking = [check for check in self.checking if check[0] != crm]

    # --- the test's side --------------------------------------------------------------------------------

    def tell_sign_in(self, news: SignInNews) -> None:
        """How a sign-in goes on."""
        if news.step in (SignInStep.DONE, SignInStep.FAILED):
            self.cancel_sign_in(news.crm)
        self._post(CrmSignInChanged(news))

    def tell_check(self, crm: str, *steps: CheckStep, usable: bool = True) -> None:
        """Steps of a check, and its end."""
        for step in steps:
            self._post(CrmStepChecked(crm, step))
        self._post(CrmCheckEnded(crm, usable))

    def answer_all(self) -> None:
        """Answer everything that was asked and not cancelled, in order."""
        for query_id in list(self.open_queries):
            self.answer(query_id)
        for delivery_id in list(self.open_deliveries):
            self.finish(delivery_id)
        self._answer_work()

    def answer(self, query_id: QueryId) -> None:
        """Answer one question from what is known, or with the next scripted trouble."""
        query = self.open_queries[query_id]
        if self._find_troubles:
            self.answer_with(query_id, Lookup.failed(self._find_troubles.popleft()))
            return
        self.answer_with(query_id, Lookup.found(self._matches(query), took_ms=1.0))

    def answer_with(self, query_id: QueryId, lookup: Lookup) -> None:
        query = self.open_queries.pop(query_id)
        self._post(CustomerLookedUp(query.id, query.call_id, lookup))

    def finish(self, delivery_id: DeliveryId) -> None:
        """End one delivery attempt, well or with the next scripted trouble."""
        delivery = self.open_deliveries.pop(delivery_id)
        trouble, written, retry_after_s = CrmTrouble.NONE, True, 0.0
        known = delivery.kind is not DeliveryKind.UPDATE_CALL and delivery_id in self.records
        if self._delivery_troubles and not (delivery.attempts and known):
            trouble, written, retry_after_s = self._delivery_troubles.popleft()
        if delivery.kind is DeliveryKind.UPDATE_CALL and self._record_of(delivery) is None:
            trouble, written = CrmTrouble.NOT_FOUND, False
        corrects = known and delivery.kind is DeliveryKind.LOG_CALL and delivery.revision > 0
        if corrects and not self.changes_records:
            trouble, written = CrmTrouble.REFUSED, False
        if written:
            self.written.setdefault(delivery_id, delivery)
        if written and delivery.kind is DeliveryKind.LOG_CALL:
            self.records.setdefault(delivery_id, delivery.log)
        if written and corrects:
            self.records[delivery_id] = delivery.log
        if written and delivery.kind is DeliveryKind.UPDATE_CALL:
            self.records[self._record_of(delivery) or delivery_id] = delivery.log
        new_id = delivery.remote_id if delivery.kind is DeliveryKind.UPDATE_CALL else ""
        remote_id = (new_id or f"log-{delivery_id}") if trouble is CrmTrouble.NONE else ""
        result = DeliveryResult(delivery_id, trouble, remote_id=remote_id, retry_after_s=retry_after_s)
        self._post(DeliveryAttempted(result))

    def _record_of(self, update: Delivery) -> DeliveryId | None:
        """The record that an update is about, if the CRM has it."""
        remote_id = update.remote_id or f"log-{update.id}"
        return next((key for key in self.records if f"log-{key}" == remote_id), None)

    def _answer_work(self) -> None:
        for query in list(self.open_searches.values()):
            del self.open_searches[query.id]
            trouble, _ = self._next_trouble()
            found = tuple(c for c in self._known if query.text.lower() in c.name.lower())
            lookup = Lookup.failed(trouble) if trouble is not CrmTrouble.NONE else Lookup.found(found)
            self._post(CustomersFound(query.id, query.campaign_id, lookup))
        for new in list(self.open_creations.values()):
            del self.open_creations[new.id]
            self._create(new)
        for crm, campaign_id in self.open_codes:
            trouble, _ = self._next_trouble()
            codes = self.codes if trouble is CrmTrouble.NONE else ()
            self._post(CodesFetched(campaign_id, crm, codes, trouble))
        self.open_codes.clear()
        for asked in list(self.open_permissions.values()):
            del self.open_permissions[asked.id]
            trouble, _ = self._next_trouble()
            known = Permission.BARRED if asked.number.e164 in self.barred else Permission.ALLOWED
            permission = known if trouble is CrmTrouble.NONE else Permission.UNKNOWN
            self._post(DoNotCallChecked(asked.id, permission, trouble))

    def _create(self, new: NewCustomer) -> None:
        trouble, written = self._next_trouble()
        customer_id = CustomerId(f"new-{new.id}")
        known = next((c for c in self._known if c.id == customer_id), None)
        name = new.name or f"{new.first_name} {new.last_name}".strip()
        customer = known or Customer(
            customer_id, name, new.company, numbers=(new.number.e164 or new.number.raw,), email=new.email
        )
        if known is None and (written or trouble is CrmTrouble.NONE):
            self.know(customer)
        told = customer if trouble is CrmTrouble.NONE else None
        self._post(CustomerCreated(new.id, new.campaign_id, new.call_id, told, trouble))

    def _next_trouble(self) -> tuple[CrmTrouble, bool]:
        return self._work_troubles.popleft() if self._work_troubles else (CrmTrouble.NONE, False)

    def _matches(self, query: CustomerQuery) -> tuple[Customer, ...]:
        if query.record_hint:
            hinted = tuple(c for c in self._known if c.id == query.record_hint)
            if hinted:
                return hinted
        return tuple(c for c in self._known if any(_same(n, query.number.digits) for n in c.numbers))


def _same(stored: str, digits: str) -> bool:
    ours = "".join(c for c in stored if c.isdigit())
    return bool(digits) and (
        ours == digits or (min(len(ours), len(digits)) >= 9 and ours[-9:] == digits[-9:])
    )
