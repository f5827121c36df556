"""Who a message is from, and which ids took the place of which."""

import pytest

from connectors.whatsapp.sandbox import payloads
from connectors.whatsapp.sandbox.payloads import Person
from syncbridge.model.event import PeerMoved
from syncbridge.model.identity import Peer
from tests.connectors.whatsapp.deliveries import ANA, AT, BEA, only_body, parsed, reasons, seen


def hello(person: Person) -> payloads.Update:
    return payloads.text(person, "hello", id="wamid.M", at=AT)


def system(number: str, **said: str) -> payloads.Update:
    update = payloads.message(Person(number), "system", said, id="wamid.M", at=AT)
    return {**update, "contact": None}


@pytest.mark.parametrize(
    ("person", "peer"),
    [
        (ANA, Peer("4915112345678", name="Ana Köhler")),
        (BEA, Peer(user_id="DE.13491208", username="bea.b", name="Bea")),
        (
            Person("4915112345678", None, "DE.1", "DE.ENT.2"),
            Peer("4915112345678", "DE.1", "DE.ENT.2"),
        ),
        (Person("+49 151 12345678", " \t"), Peer("4915112345678")),
        (Person(user_id="DE.1", username="@ana"), Peer(user_id="DE.1", username="ana")),
    ],
)
def test_a_person_is_read_as_far_as_they_show_themselves(person: Person, peer: Peer) -> None:
    assert seen(hello(person)).peer == peer


def test_contacts_are_matched_by_id_whatever_their_order() -> None:
    first, second = hello(ANA), hello(BEA)
    first["contact"], second["contact"] = second["contact"], first["contact"]
    names = [event.body.peer.name for event in parsed(first, second).events]  # type: ignore[union-attr]
    assert names == ["Ana Köhler", "Bea"]


def test_ids_that_only_the_contact_carries_are_taken_from_it() -> None:
    update = hello(ANA)
    update["contact"] |= {"user_id": "DE.9", "parent_user_id": "DE.ENT.9"}
    peer = seen(update).peer
    assert (peer.user_id, peer.parent_user_id) == ("DE.9", "DE.ENT.9")


def test_a_contact_of_the_same_number_but_another_user_id_is_someone_else() -> None:
    update = hello(Person("4915112345678", "New owner", "DE.2"))
    update["contact"]["user_id"] = "DE.1"
    assert seen(update).peer == Peer("4915112345678", "DE.2")


def test_empty_strings_are_missing() -> None:
    update = hello(BEA)
    update["item"]["from"] = ""
    update["contact"]["wa_id"] = ""
    assert seen(update).peer.number == ""


def test_a_message_of_nobody_is_left_over() -> None:
    assert reasons(hello(Person())) == ["no_sender"]


def test_a_card_that_was_asked_for_tells_the_persons_own_number() -> None:
    update = payloads.shared_own_number(BEA, "4915199", id="wamid.M", at=AT)
    assert seen(update).peer.number == "4915199"


def test_a_forwarded_card_tells_nothing_of_its_sender() -> None:
    card = {"origin": "other", "phones": [{"wa_id": "4915199"}]}
    assert seen(payloads.cards(BEA, card, id="wamid.M", at=AT)).peer.number == ""


def test_a_known_number_is_not_replaced_by_a_card() -> None:
    update = payloads.shared_own_number(ANA, "4915199", id="wamid.M", at=AT)
    assert seen(update).peer.number == ANA.number


def test_a_changed_number_moves_the_person() -> None:
    old, new = Person("491511", "Ana", "DE.1"), Person("491522", user_id="DE.2")
    body = only_body(payloads.number_changed(old, new, id="wamid.M", at=AT))
    words = "User Ana changed from 491511 to 491522"
    assert body == PeerMoved(Peer("491511", "DE.1"), Peer("491522", "DE.2"), words)


def test_a_changed_user_id_moves_the_person_without_a_number() -> None:
    update = payloads.user_id_changed(BEA, Person(user_id="DE.2"), id="wamid.M", at=AT)
    assert only_body(update) == PeerMoved(Peer(user_id=BEA.user_id), Peer(user_id="DE.2"))


@pytest.mark.parametrize(
    ("update", "previous", "current"),
    [
        (system("491511", type="user_changed_number", wa_id="491522"), "491511", "491522"),
        (system("491511", type="customer_changed_number", new_wa_id="491522"), "491511", "491522"),
        (system("", type="customer_changed_number", customer="491511", wa_id="491522"),
         "491511", "491522"),
        (system("491511", wa_id="491522"), "491511", "491522"),
        (system("491511", type="customer_identity_changed", identity="h"), "491511", "491511"),
        (system("", type="user_identity_changed", customer="491511"), "491511", "491511"),
    ],
)  # fmt: skip
def test_older_names_of_the_same_events_are_understood(
    update: payloads.Update, previous: str, current: str
) -> None:
    body = only_body(update)
    assert isinstance(body, PeerMoved)
    assert (body.previous.number, body.current.number) == (previous, current)


@pytest.mark.parametrize(
    "update",
    [
        system("", type="user_changed_number", wa_id="491522"),
        system("491511", type="user_changed_number"),
        system("", type="user_changed_user_id"),
    ],
)
def test_a_change_of_nobody_is_left_over(update: payloads.Update) -> None:
    assert reasons(update) == ["no_sender"]
