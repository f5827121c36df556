"""All we hold on one person, while one transaction works on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from syncbridge.merge.plan import Decision, Plan, owed, reconcile
from syncbridge.merge.survivorship import CONSOLE, fold, values
from syncbridge.merge.threeway import FieldReading
from syncbridge.model.golden import Contribution, FieldRule, Golden, Said
from syncbridge.model.link import Link
from syncbridge.model.record import Kind
from syncbridge.model.stamp import Stamp
from syncbridge.model.states import LinkRole, LinkState
from syncbridge.store.records import StoredPerson

_REFUSED = "no marketing messages"
_GIVEN = "marketing messages are welcome"


class Dossier:
    """A person's contributions and links, changed in memory, then stored at once by its batch."""

    def __init__(self, stored: StoredPerson, rules: Mapping[str, FieldRule]) -> None:
        self.id = stored.id
        self.is_new = stored.rev == 0
        self.contributions = dict(stored.contributions)
        self.links = {link.id: link for link in stored.links}
        self.golden: Golden = fold(self.contributions.values(), rules)
        self.correlation_id = ""
        #: Something new has to be put into every CRM, also where the record was deleted.
        self.is_reviving = False
        self._stored = stored
        self._rules = rules
        self._golden_before = self.golden
        self._links_before = dict(self.links)
        self._said: set[str] = set()
        self._is_opted_out = stored.is_opted_out

    @property
    def stored(self) -> StoredPerson:
        """The person's own row as it is to be stored."""
        return replace(self._stored, is_opted_out=self._is_opted_out)

    def opt_out(self, stamp: Stamp, *, is_opted_out: bool) -> bool:
        """Record what the person said about marketing messages; False when it is out of date.

        Who stopped on one channel has stopped, whatever was said on another; on each the last word
        counts, and of two in the same instant the refusal.
        """
        source, name = f"consent:{self.id}", f"consent on {stamp.connection}"
        consents = self.contributions.get(source) or Contribution(source, stamp.connection)
        known = consents.fields.get(name)
        if known is not None:
            is_refused_now = known.value == _REFUSED and known.stamp.at_ms == stamp.at_ms
            if known.stamp.at_ms > stamp.at_ms or is_refused_now:
                return False
        said = Said(_REFUSED if is_opted_out else _GIVEN, stamp)
        fields = {**consents.fields, name: said}
        self.contributions[source] = Contribution(source, consents.connection, fields)
        self._said.add(source)
        self.golden = fold(self.contributions.values(), self._rules)
        self._is_opted_out = any(said.value == _REFUSED for said in fields.values())
        return True

    # What is said.

    def hear(self, link: Link, readings: Mapping[str, FieldReading]) -> Plan:
        """Take in what a record shows; the link must be among ours."""
        source = self.contributions.get(link.id) or Contribution(link.id, link.connection)
        plan = reconcile(
            source,
            (other for name, other in self.contributions.items() if name != link.id),
            base=link.base,
            readings=readings,
            rules=self._rules,
        )
        if plan.contribution != source:
            self.contributions[link.id] = plan.contribution
            self._said.add(link.id)
        self.golden = plan.golden
        self.links[link.id] = replace(link, base=plan.base)
        if plan.held:
            self._hold(plan.held)
        return plan

    def decide(self, decision: Decision) -> None:
        """Take in a person's decision about one field; it is written everywhere."""
        source = f"{CONSOLE}:{self.id}"
        console = self.contributions.get(source) or Contribution(source, CONSOLE)
        rule = self._rules.get(decision.field) or FieldRule(decision.field)
        self.contributions[source] = decision.contribute(console, self.golden, rule)
        self._said.add(source)
        self.golden = fold(self.contributions.values(), self._rules)
        for link in list(self.links.values()):
            if decision.field in link.held:
                self.links[link.id] = replace(link, held=link.held - {decision.field})

    def _hold(self, fields: frozenset[str]) -> None:
        for link in list(self.links.values()):
            self.links[link.id] = replace(link, held=link.held | fields)

    # Links.

    def primary(self, connection: str) -> Link | None:
        """Answer the link that gets everything in a connection, if it has a living one."""
        for link in self.links.values():
            if (
                link.connection == connection
                and link.kind is Kind.CONTACT
                and link.role is LinkRole.PRIMARY
                and link.state is not LinkState.GONE
            ):
                return link
        return None

    def was_deleted(self, connection: str) -> bool:
        """Say whether the person's record in a connection was deleted there."""
        return any(
            link.connection == connection
            and link.kind is Kind.CONTACT
            and link.state is LinkState.GONE
            for link in self.links.values()
        )

    def put(self, link: Link) -> Link:
        """Add a link, or replace it by its newer self."""
        self.links[link.id] = link
        return link

    def owed_to(self, link: Link, fields: Iterable[str]) -> dict[str, str | None]:
        """Answer the canonical values a record is behind on."""
        return owed(self.golden, link.base, fields=fields, held=link.held)

    def raise_rev(self, link: Link, fields: Iterable[str]) -> bool:
        """Raise a link's wanted rev if it owes something it did not owe when we began."""
        if link.role is not LinkRole.PRIMARY or link.state is LinkState.GONE:
            return False
        names = tuple(fields)
        before = self._links_before.get(link.id)
        if before is None:
            if link.state is LinkState.LINKED and not self.owed_to(link, names):
                return False
        else:
            owes = self.owed_to(link, names)
            owed_before = owed(self._golden_before, before.base, fields=names, held=before.held)
            if not owes or (owes == owed_before and link.is_behind):
                return False
        self.links[link.id] = replace(link, wanted_rev=link.wanted_rev + 1)
        return True

    # What is to be stored.

    @property
    def values(self) -> dict[str, str | None]:
        """The golden record's values alone."""
        return values(self.golden)

    @property
    def is_golden_changed(self) -> bool:
        """Say whether the person's own row has to be stored."""
        return self.golden != self._golden_before or self._is_opted_out != self._stored.is_opted_out

    def said(self) -> list[Contribution]:
        """Answer the contributions that changed."""
        return [self.contributions[source] for source in sorted(self._said)]

    def new_links(self) -> list[Link]:
        """Answer the links that did not exist when we began."""
        return [link for link in self.links.values() if link.id not in self._links_before]

    def changed_links(self) -> list[Link]:
        """Answer the links that are not as they were when we began."""
        return [
            link
            for link in self.links.values()
            if link.id in self._links_before and self._links_before[link.id] != link
        ]
