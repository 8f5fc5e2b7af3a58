"""Everything about customers beyond recognising them, in one hand: searching, making, correcting."""

from __future__ import annotations

from softphone.domain.ids import CallId
from softphone.usecases.bus import Bus
from softphone.usecases.calls.asking_permission import AskingPermission
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.customers.connecting_crms import ConnectingCrms
from softphone.usecases.customers.creating import CreatingCustomers
from softphone.usecases.customers.editing import EditingCustomers
from softphone.usecases.customers.finding import FindingCustomers
from softphone.usecases.customers.ground import Ground
from softphone.usecases.customers.recognising import Recognising
from softphone.usecases.customers.searching import SearchingCustomers
from softphone.usecases.ports import Clock, Crm, Desktop, Identities, NumberPlan, Records, Secrets
from softphone.usecases.wrap_up.delivering import Delivering


class Customers:
    """`connecting` knows what each CRM can do; the others ask it."""

    def __init__(
        self,
        crm: Crm,
        records: Records,
        secrets: Secrets,
        numbers: NumberPlan,
        desktop: Desktop,
        clock: Clock,
        identities: Identities,
        configuring: Configuring,
        calling: Calling,
        recognising: Recognising,
        delivering: Delivering,
        bus: Bus,
    ) -> None:
        self.connecting = ConnectingCrms(crm, secrets, configuring, numbers, desktop, bus)
        self.permission = AskingPermission(crm, self.connecting, calling, clock, identities, bus)
        ground = Ground(crm, calling, self.connecting, recognising, clock, identities, bus)
        self.searching = SearchingCustomers(ground)
        self.finding = FindingCustomers(ground, configuring, numbers, desktop)
        self.creating = CreatingCustomers(ground)
        self.editing = EditingCustomers(ground, records, delivering)

    def forget(self, call_id: CallId) -> None:
        """The call is over and done."""
        self.searching.close(call_id)
        self.creating.forget(call_id)
        self.editing.forget(call_id)
