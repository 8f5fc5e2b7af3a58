"""One configured CRM in use: everything that can be asked of it and written to it."""

from __future__ import annotations

from contextlib import suppress

from softphone.crm.codes import fetch_codes
from softphone.crm.connecting import Line
from softphone.crm.fault import CrmFault
from softphone.crm.finding import Finder
from softphone.crm.writing import Writer
from softphone.domain.campaign import Disposition
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.ids import CampaignId
from softphone.domain.settings import CrmAuth


class CrmSession:
    """Lives on the CRM thread's loop."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.finder = Finder(line)
        self.writer = Writer(line, self.finder)

    async def warm_up(self) -> None:
        """Show the credentials to ourselves and open a connection now: the first caller waits for neither."""
        with suppress(CrmFault):
            await self.line.credentials.ready()
        await self.line.exchange.warm_up()

    async def keep_fresh(self) -> None:
        """Renew what will soon run out; what goes wrong shows at the next question."""
        with suppress(CrmFault):
            await self.line.credentials.keep_fresh()

    def forget_credentials(self) -> None:
        """Somebody has signed in, signed out or stored another secret."""
        self.line.credentials.forget()
        self.line.asker.forget_agent()

    async def codes(self, campaign_id: CampaignId) -> tuple[Disposition, ...]:
        return await fetch_codes(self.line, campaign_id)

    async def close(self) -> None:
        await self.line.close()

    def description(self) -> CrmDescription:
        """What the window may offer."""
        pack, connection = self.line.pack, self.line.connection
        return CrmDescription(
            crm=connection.name,
            title=pack.title,
            abilities=_abilities(self.line),
            auth=connection.auth,
            auth_kinds=tuple(CrmAuth(kind) for kind in pack.auth.kinds),
            required=pack.create.required if pack.create else (),
        )


def _abilities(line: Line) -> frozenset[CrmAbility]:
    pack = line.pack
    offered = {
        CrmAbility.RECORD: pack.record,
        CrmAbility.SEARCH: pack.text_search,
        CrmAbility.CREATE: pack.create,
        CrmAbility.UPDATE: pack.update,
        CrmAbility.LOG_UPDATE: pack.log.update,
        CrmAbility.TASK: pack.task,
        CrmAbility.CODES: pack.codes,
        CrmAbility.DO_NOT_CALL: pack.do_not_call or pack.customer.do_not_call,
        CrmAbility.TEAM_STATE: pack.team_state,
        CrmAbility.OPEN: pack.open_url or pack.customer.url,
    }
    return frozenset(ability for ability, plan in offered.items() if plan is not None)
