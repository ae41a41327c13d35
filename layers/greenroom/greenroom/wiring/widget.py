"""The public widget of organisations."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.settings import CommonSettings, LimitSettings
from greenroom.wiring.bookings import BookingsWiring
from greenroom.wiring.rates import RatesWiring

if TYPE_CHECKING:
    from greenroom.widget.issuing import WidgetKeys
    from greenroom.widget.service import Widgets
    from greenroom.widget.store import WidgetStore
    from greenroom.widget.tokens import Links


class WidgetWiring(BookingsWiring, RatesWiring):
    """Public widgets."""

    @cached_property
    def widget_store(self) -> "WidgetStore":
        """Widget keys and counts in the table."""
        from greenroom.widget.store import WidgetStore

        return WidgetStore(self.table)

    @cached_property
    def widget_keys(self) -> "WidgetKeys":
        """What makes the keys of widgets."""
        from greenroom.widget.issuing import WidgetKeys

        return WidgetKeys(self.widget_store, organizations=self.organizations)

    @cached_property
    def _link_makers(self) -> dict[str, "Links"]:
        return {}

    def links(self) -> "Links":
        """The links of the present keys; a rotated secret makes new ones."""
        from greenroom.widget.tokens import Links

        keys = self.secrets.get("WIDGET_SIGNING_KEYS")
        if keys not in self._link_makers:
            self._link_makers.clear()
            self._link_makers[keys] = Links(keys)
        return self._link_makers[keys]

    @cached_property
    def widgets(self) -> "Widgets":
        """What visitors do."""
        from greenroom.rates.items import in_organization
        from greenroom.widget.service import Widgets

        return Widgets(
            self.widget_store,
            access=self.access,
            customers=self.customers,
            classes=self.classes,
            bookings=self.bookings,
            load=self.booking_store.load,
            vacating=self.vacating,
            confirming=self.confirming,
            links=self.links,
            rates=self.rates,
            scope=lambda repo: in_organization(repo, "widget-rate"),
            own_origins=self.of(CommonSettings).allowed_origins,
            clock=self.clock,
            limits=self.of(LimitSettings),
        )
