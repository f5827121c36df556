"""The people of the story: names of many scripts, numbers as WhatsApp and as people write them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from connectors.whatsapp.sandbox.payloads import Person


class Before(StrEnum):
    """In which CRM somebody stood before the service was started."""

    NOWHERE = "-"
    HS = "hs"
    HS2 = "hs2"
    #: in both, with the same values
    EQUAL = "equal"
    #: in both, each with values that the other lacks
    FILLS = "fills"
    #: in both, with a company that differs
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the people who write."""

    key: str
    given: str
    family: str
    country: str
    #: As WhatsApp spells the number; "" if it is withheld.
    wa_id: str
    #: As one would dial it; "" if nobody knows.
    phone: str
    #: The business-scoped user id; "" if deliveries carry none.
    user_id: str
    before: Before

    @property
    def name(self) -> str:
        """The profile name, which nobody else of the cast has."""
        return f"{self.given} {self.family}".strip()

    def peer(self) -> Person:
        """Answer the person as a delivery shows them."""
        return Person(self.wa_id, self.name, self.user_id)

    def with_number(self, wa_id: str, phone: str, user_id: str = "") -> Somebody:
        """Answer the same person with another number."""
        return replace(self, wa_id=wa_id, phone=phone, user_id=user_id or self.user_id)

    def with_given(self, given: str) -> Somebody:
        """Answer the same person under another first name."""
        return replace(self, given=given)


#: given | family | country | WhatsApp id | number as dialled (= the id with a plus) | user id |
#: where they stood before.
_CAST: Final = """
Anna|Müller|DE|4915112345601|=|-|equal
Jürgen|Groß|DE|4915112345602|=|DE.1100000000000002|fills
Zoë|Ćosić|DE|4915112345603|=|-|differs
Hannelore|von der Heide|DE|4915112345604|=|-|hs
Max|O'Brien-Schäfer|DE|4915112345605|=|DE.1100000000000005|-
Fatma|Yıldız|DE|4915112345606|=|-|hs2
Çağla|Şimşek|DE||-|DE.1100000000000007|-
João|da Silva|BR|553187650001|+5531987650001|-|hs
Conceição|Araújo|BR|553197650002|+5531997650002|BR.1100000000000009|-
Ítalo|Gonçalves|BR|5511987650003|=|-|hs2
Beatriz|Lima ⚽|BR|557187650004|+5571987650004|-|-
María José|Núñez|MX|5215512340001|+525512340001|-|hs
Ximena|Peña|MX|5215512340002|+525512340002|-|-
Guadalupe|Ibáñez|MX|525512340003|=|MX.1100000000000014|hs2
Agustín|Fernández|AR|5491123450001|=|-|hs
Martina|Gómez|AR|5491123450002|=|AR.1100000000000016|-
Facundo|Iñíguez|AR||-|AR.1100000000000017|-
志明|陳|HK|85291230001|=|-|equal
美玲|黃|HK|85291230002|=|HK.1100000000000019|-
大文|李|HK|85291230003|=|-|-
雅婷|林|TW|886912340001|=|-|fills
冠宇|張|TW|886912340002|=|TW.1100000000000022|-
さくら|山田|JP|819012340001|=|-|hs
健太|佐藤|JP|819012340002|=|JP.1100000000000024|-
Ren|Tanaka|JP||-|JP.1100000000000025|-
Siobhán|Ní Bhriain|GB|447911123401|=|-|differs
Nigel|Smythe|GB|447911123402|=|-|hs2
Llŷr|ap Rhys|GB|447911123403|=|GB.1100000000000028|-
अनिता|शर्मा|IN|919812340001|=|-|-
Rajesh|Kumar|IN|919812340002|=|-|hs
முருகன்|செல்வம்|IN|919812340003|=|IN.1100000000000031|-
محمد|عبدالله|EG|201012340001|=|-|-
Layla|Hassan|EG|201012340002|=|EG.1100000000000033|equal
Omar|Farouk|EG||-|EG.1100000000000034|-
Ελένη|Παπαδοπούλου|GR|306912340001|=|-|-
Νίκος|Γεωργίου|GR|306912340002|=|GR.1100000000000036|fills
민준|김|KR|821012340001|=|-|-
서연|이|KR|821012340002|=|KR.1100000000000038|-
Kofi|Mensah|CI|2250712345601|=|-|-
Aïcha|N'Guessan|CI|22512345602|+2250112345602|-|hs
"""  # noqa: RUF001 - these are names, not typing errors


def cast() -> tuple[Somebody, ...]:
    """Answer everybody, in the order in which they first write."""
    return tuple(_read(number, line) for number, line in enumerate(_CAST.split("\n")[1:-1], 1))


def _read(number: int, line: str) -> Somebody:
    given, family, country, wa_id, phone, user_id, before = line.split("|")
    return Somebody(
        key=f"p{number:02d}",
        given=given,
        family=family,
        country=country,
        wa_id=wa_id,
        phone={"=": f"+{wa_id}", "-": ""}.get(phone, phone),
        user_id="" if user_id == "-" else user_id,
        before=Before(before),
    )
