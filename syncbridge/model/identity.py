"""What a person can be recognised by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IdentityKind(StrEnum):
    """The sorts of identity; a strong one belongs to one person at a time."""

    #: Key of a WhatsApp number, every spelling of one account giving the same key.
    WHATSAPP = "whatsapp"
    #: Business-scoped user id; the scope is the business portfolio.
    BSUID = "bsuid"
    #: Phone key of a CRM's number; households share them.
    PHONE = "phone"
    #: E-mail address, folded.
    EMAIL = "email"

    @property
    def is_strong(self) -> bool:
        """Say whether at most one person may hold it at a time."""
        return self in (IdentityKind.WHATSAPP, IdentityKind.BSUID)


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """One thing a person can be recognised by, within its scope."""

    kind: IdentityKind
    value: str
    #: Portfolio for BSUIDs, else "".
    scope: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.scope}:{self.value}"


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of a conversation, as a channel names it."""

    #: The number's digits as the channel spells them, without "+"; "" when it is withheld.
    number: str = ""
    #: Business-scoped user id; "" when not given.
    user_id: str = ""
    parent_user_id: str = ""
    #: Without a leading "@".
    username: str = ""
    #: The name the person chose for themselves; None when the payload does not carry one.
    name: str | None = None

    @property
    def is_known(self) -> bool:
        """Say whether there is anything to recognise the person by."""
        return bool(self.number or self.user_id or self.parent_user_id)
