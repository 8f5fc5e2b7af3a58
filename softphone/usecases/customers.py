"""Everything about customers beyond recognising them, in one hand: searching, making, correcting."""

from __future__ import annotations

from softphone.domain.ids import CallId
from softphone.usecases.asking_permission import AskingPermission
from softphone.usecases.bus import Bus
from softphone.usecases.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.connecting_crms import ConnectingCrms
from softphone.usecases.creating_customers import CreatingCustomers
from softphone.usecases.delivering import Delivering
from softphone.usecases.editing_customers import EditingCustomers
from softphone.usecases.finding_customers import FindingCustomers
from softphone.usecases.ports import Clock, Crm, Desktop, Identities, NumberPlan, Records, Secrets
from softphone.usecases.recognising import Recognising
from softphone.usecases.searching_customers import SearchingCustomers


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
        self.searching = SearchingCustomers(
            crm, calling, self.connecting, recognising, clock, identities, bus
        )
        self.finding = FindingCustomers(
            crm,
            calling,
            self.connecting,
            recognising,
            configuring,
            numbers,
            desktop,
            clock,
            identities,
            bus,
        )
        self.creating = CreatingCustomers(crm, calling, self.connecting, recognising, clock, identities, bus)
        self.editing = EditingCustomers(
            records, calling, self.connecting, recognising, delivering, clock, identities, bus
        )

    def forget(self, call_id: CallId) -> None:
        """The call is over and done."""
        self.searching.close(call_id)
        self.creating.forget(call_id)
        self.editing.forget(call_id)
