"""Made-up people as a CRM has them: several records each, with what people do to records.

Names of many cultures, numbers as each country writes them, households that share an address and
a telephone, firms with one switchboard, namesakes, moves, typing errors. Every base is made from
its size and its seed alone.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from syncbridge.match.letters import plain
from syncbridge.testing.names import CITIES, CULTURES, FIRM_WORDS, NICKNAMES, STREETS, SYLLABLES

COLUMNS: Final = (
    "cluster", "given_name", "family_name", "birth_date", "email", "phone", "company", "street",
    "city", "postal_code", "country",
)  # fmt: skip

#: How often a person has one, two, … records.
_COPIES: Final = (0.62, 0.24, 0.09, 0.035, 0.015)
_NEIGHBOURS: Final = "qwertyuiop asdfghjkl zxcvbnm"
_HOSTS: Final = (
    "gmail.com", "outlook.com", "yahoo.com", "icloud.com", "hotmail.com", "gmx.de", "web.de",
    "orange.fr",
)  # fmt: skip
#: Country -> calling code, trunk prefix and the shapes of its numbers ("#" is any digit).
_PHONES: Final = {
    "us": ("1", "", ("20255#####", "31255#####", "41555#####", "70257#####", "21245#####")),
    "de": ("49", "0", ("151########", "160#######", "172#######", "30########", "89########")),
    "fr": ("33", "0", ("6########", "7########", "1########")),
    "es": ("34", "", ("6########", "91#######", "93#######")),
    "gb": ("44", "0", ("77########", "79########", "20########")),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One record of a person, and which person that is."""

    cluster: int
    given_name: str
    family_name: str
    birth_date: str
    email: str
    phone: str
    company: str
    street: str
    city: str
    postal_code: str
    country: str

    def row(self) -> tuple[str, ...]:
        """Answer the values in the order of `COLUMNS`."""
        return tuple(str(getattr(self, column)) for column in COLUMNS)


def make_people(count: int, seed: int = 1) -> list[Person]:
    """Answer so many records in no order, always the same for the same count and seed."""
    draw = random.Random(seed)  # noqa: S311 (nothing here is secret)
    world = _World(draw)
    records: list[Person] = []
    person = 0
    while len(records) < count:
        for member in world.household():
            copies = draw.choices(range(1, len(_COPIES) + 1), _COPIES)[0]
            known = replace(member, cluster=person)
            records.extend(world.records_of(known, copies))
            person += 1
    records = records[:count]
    draw.shuffle(records)
    return records


def write_people(path: Path, count: int, seed: int = 1) -> None:
    """Write such records as a CSV file with their true person in the column "cluster"."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(record.row() for record in make_people(count, seed))


class _World:
    """Draws households, and what becomes of their members in a CRM."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._firms: list[tuple[str, str, str]] = []

    def household(self) -> Iterator[Person]:
        draw = self._draw
        culture = CULTURES[draw.choice(tuple(CULTURES))]
        country = draw.choice(tuple(_PHONES))
        home = Person(
            0, "", self._family(culture.family), "", "", self._number(country), "",
            f"{draw.randint(1, 220)} {draw.choice(STREETS)}", draw.choice(CITIES),
            f"{draw.randint(1000, 98999):05d}", country,
        )  # fmt: skip
        for place in range(draw.choices((1, 2, 3, 4), (0.75, 0.14, 0.07, 0.04))[0]):
            yield self._member(home, culture.given, is_first=place == 0)

    def _member(self, home: Person, names: tuple[str, ...], *, is_first: bool) -> Person:
        draw = self._draw
        given = names[min(int(draw.expovariate(3.2 / len(names))), len(names) - 1)]
        company, host, switchboard = self._firm(home.country) if draw.random() < 0.55 else ("",) * 3
        phone = home.phone if is_first or draw.random() < 0.3 else self._number(home.country)
        if switchboard and draw.random() < 0.25:
            phone = f"{switchboard} x{draw.randint(100, 999)}"
        birth = f"{draw.randint(1935, 2006)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
        return replace(
            home,
            given_name=given,
            birth_date=birth,
            phone=phone,
            company=company,
            email=self._email(given, home.family_name, host),
        )

    def _family(self, names: tuple[str, ...]) -> str:
        draw = self._draw
        if draw.random() < 0.4:
            return "".join(draw.choice(SYLLABLES) for _ in range(draw.choice((2, 3, 3))))
        return names[min(int(draw.expovariate(3.0 / len(names))), len(names) - 1)]

    def _firm(self, country: str) -> tuple[str, str, str]:
        draw = self._draw
        if len(self._firms) < 50 or draw.random() < 0.12:
            words = f"{draw.choice(FIRM_WORDS[0])} {draw.choice(FIRM_WORDS[1])}"
            if draw.random() < 0.6:
                words = f"{''.join(draw.choices(SYLLABLES, k=2))} {words.split()[1]}"
            host = f"{words.replace(' ', '')}{draw.choice(('', '', draw.randint(2, 99)))}.com"
            form = draw.choice(("inc", "ltd", "gmbh", "sa", "llc"))
            self._firms.append((f"{words} {form}", host, self._number(country)))
        return self._firms[-1 - min(int(draw.expovariate(0.02)), len(self._firms) - 1)]

    def _number(self, country: str) -> str:
        """Answer a number as "country:national digits", to be written in many ways."""
        shape = self._draw.choice(_PHONES[country][2])
        digits = "".join(str(self._draw.randint(0, 9)) if s == "#" else s for s in shape)
        return f"{country}:{digits}"

    def _email(self, given: str, family: str, host: str) -> str:
        draw = self._draw
        given, family = _ascii(given), _ascii(family)
        local = draw.choice(
            (f"{given}.{family}", f"{given}{family}", f"{given[:1]}{family}", f"{family}.{given}",
             f"{given}_{family}")
        )  # fmt: skip
        if not host:
            host = draw.choice(_HOSTS)
            local += str(draw.randint(1, 99)) if draw.random() < 0.6 else ""
        return f"{local}@{host}"

    def records_of(self, person: Person, copies: int) -> Iterator[Person]:
        """Yield a person's records: each forgets, mistypes or renews something."""
        draw = self._draw
        for _ in range(copies):
            if draw.random() < 0.06:
                person = self._moved(person)
            yield self._soiled(person)

    def _moved(self, person: Person) -> Person:
        draw = self._draw
        return replace(
            person,
            street=f"{draw.randint(1, 220)} {draw.choice(STREETS)}",
            city=draw.choice(CITIES),
            postal_code=f"{draw.randint(1000, 98999):05d}",
        )

    def _soiled(self, person: Person) -> Person:
        draw = self._draw
        values = {column: str(getattr(person, column)) for column in COLUMNS[1:]}
        values["phone"] = self._written(values["phone"])
        if draw.random() < 0.12:
            host = values["email"].rpartition("@")[2]
            values["email"] = (
                f"info@{host}"
                if host not in _HOSTS and draw.random() < 0.2
                else self._email(person.given_name, person.family_name, "")
            )
        for column, chance in _FORGOTTEN.items():
            if draw.random() < chance:
                values[column] = ""
        if draw.random() < 0.06:
            values["given_name"] = NICKNAMES.get(person.given_name, person.given_name[:1])
        if draw.random() < 0.02:
            values["given_name"], values["family_name"] = (
                values["family_name"],
                values["given_name"],
            )
        if draw.random() < 0.15:
            values["company"] = values["company"].rpartition(" ")[0]
        for column in _MISTYPED:
            if draw.random() < 0.05:
                values[column] = self._mistyped(values[column])
        return Person(cluster=person.cluster, **values)

    def _written(self, number: str) -> str:
        draw = self._draw
        number, blank, extension = number.partition(" x")
        country, _, digits = number.partition(":")
        code, trunk, _ = _PHONES[country]
        grouped = f"{digits[:3]} {digits[3:6]} {digits[6:]}"
        home = f"+{code} (0) {grouped}" if trunk else f"({grouped[:3]}){grouped[3:]}"
        written = draw.choice(
            (f"+{code}{digits}", f"+{code} {grouped}", f"00{code}{digits}", f"{trunk}{digits}",
             f"{trunk}{grouped}", home)
        )  # fmt: skip
        return f"{written} x{extension}" if blank else written

    def _mistyped(self, text: str) -> str:
        if len(text) < 3:
            return text
        draw = self._draw
        at = draw.randrange(len(text) - 1)
        kind = draw.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1 :]
        if kind == 1:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        near = _NEIGHBOURS.find(text[at].lower())
        letter = str(draw.randint(0, 9)) if text[at].isdigit() else _NEIGHBOURS[near - 1]
        return text[:at] + letter + text[at + (kind == 2) :]


_FORGOTTEN: Final = {
    "given_name": 0.02, "family_name": 0.01, "birth_date": 0.7, "email": 0.2, "phone": 0.3,
    "street": 0.25, "city": 0.15, "postal_code": 0.15,
}  # fmt: skip
_MISTYPED: Final = (
    "given_name",
    "family_name",
    "email",
    "company",
    "street",
    "city",
    "postal_code",
)


def _ascii(text: str) -> str:
    return plain(text).encode("ascii", "ignore").decode().replace(" ", "")
