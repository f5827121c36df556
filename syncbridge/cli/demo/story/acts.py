"""The acts of the story, in fair weather: who is there before, what people write, who edits."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from connectors.whatsapp.sandbox import payloads
from syncbridge.cli.demo.story.cast import Before, Somebody
from syncbridge.cli.demo.story.contents import with_files, without_files
from syncbridge.cli.demo.story.pen import Pen
from syncbridge.cli.demo.story.steps import (
    CRMS,
    HS,
    HS2,
    Announce,
    Calm,
    Contradict,
    Create,
    Edit,
    Fact,
    Merge,
    Start,
    Wait,
)

#: Between two deliveries of the flow, seconds.
_PACE_S = 0.25


def beforehand(pen: Pen) -> None:
    """Both CRMs hold contacts already: alone, equal, completing each other, or differing."""
    pen.then(Announce("Two CRM accounts are filled with contacts of the sales people."))
    for who in pen.cast.values():
        for account in CRMS:
            properties = _record(who, account)
            if properties:
                pen.then(Create(account, who.key, properties))
        _promise(pen, who)
    # One household that was entered twice in the second CRM, and merged there: its second address
    # stays taken, and no property says so.
    pen.then(
        Create(HS2, "weber", {"firstname": "Ute", "email": "ute.weber@example.com"}),
        Create(HS2, "weber-2", {"firstname": "Ute", "email": "family.weber@example.com"}),
        Merge(HS2, "weber", "weber-2"),
        Announce("SyncBridge starts, reads both, and matches them."),
        Start(),
        Calm(),
    )
    pen.strangers["ute.weber@example.com"] = "weber"


def _record(who: Somebody, account: str) -> dict[str, str]:
    """Answer what a sales person wrote down about somebody in one account."""
    is_here = {
        Before.NOWHERE: (),
        Before.HS: (HS,),
        Before.HS2: (HS2,),
    }.get(who.before, CRMS)
    if account not in is_here:
        return {}
    record = {"firstname": who.given, "lastname": who.family, "phone": who.phone}
    if who.before is Before.EQUAL:
        record["company"] = f"Company of {who.key}"
    elif who.before is Before.FILLS:
        record |= {"jobtitle": "Buyer"} if account == HS else {"zip": f"Z-{who.key}"}
    elif who.before is Before.DIFFERS:
        record["company"] = f"{who.key} as {account} knows it"
    return record


def _promise(pen: Pen, who: Somebody) -> None:
    """Note what has to stand in both CRMs about somebody."""
    if who.before is Before.EQUAL:
        pen.facts.append(Fact(who.key, "company", f"Company of {who.key}"))
    elif who.before is Before.FILLS:
        pen.facts.append(Fact(who.key, "jobtitle", "Buyer"))
        pen.facts.append(Fact(who.key, "zip", f"Z-{who.key}"))
    elif who.before is Before.DIFFERS:
        # The account of the better rank wins a first meeting.
        pen.facts.append(Fact(who.key, "company", f"{who.key} as hs knows it"))
    if who.phone:
        pen.facts.append(Fact(who.key, "phone", who.phone))


def everybody_writes(pen: Pen) -> None:
    """Each writes for the first time, some of them twice in one delivery."""
    pen.then(Announce("Forty people from a dozen countries begin to write."))
    for place, who in enumerate(list(pen.cast.values())):
        pen.says(who, f"Hello, this is {who.name}: is the iPhone 15 Pro Max in stock? 你好")
        if place % 3 == 0:
            pen.says(who, "And what does it cost? <b>bold</b> & 'quoted' \"words\"")
        pen.then(Wait(_PACE_S))
    pen.then(Calm())


def all_types(pen: Pen, files: Mapping[str, str]) -> None:
    """Everything that WhatsApp can send, from whoever's turn it is.

    Args:
        pen: writes.
        files: media type -> the id of a file that can be fetched.
    """
    pen.then(Announce("Pictures, voice, places, cards, orders, forms, and things nobody knows."))
    people = list(pen.cast.values())
    for place, content in enumerate([*with_files(files), *without_files()] * 2):
        who = people[place * 7 % len(people)]
        key = pen.shows(who, content.kind, content.part, words=content.has_words)
        pen.told[key].shown += content.shown
        if place % 2:
            pen.then(Wait(_PACE_S))
    _with_surroundings(pen, people)
    _not_for_the_crm(pen, people)
    pen.then(Calm())


def _with_surroundings(pen: Pen, people: list[Somebody]) -> None:
    """Replies, forwarded messages, advertisements, messages whose files Meta could not load."""
    asker = people[2]
    first = pen.says(asker, "May I ask something?")
    context = {"from": payloads.BUSINESS, "id": pen.id_of(first)}
    pen.says(asker, "It is about this", context=context)
    pen.says(people[3], "My aunt writes:", context={"forwarded": True})
    pen.says(people[4], "Everybody writes:", context={"frequently_forwarded": True})
    pen.says(people[5], "An answer to nothing you know", context={"id": "wamid.gone=="})
    advert = {
        "source_url": "https://fb.me/1",
        "source_id": "120",
        "source_type": "ad",
        "headline": "iPhones, cheap",
        "ctwa_clid": "Aff1",
    }
    lead = pen.says(people[9], "I saw your advertisement", referral=advert)
    pen.told[lead].shown.append("Came from an advertisement: iPhones, cheap")
    failed = [{"code": 131052, "title": "Media download error"}]
    pen.shows(people[10], "image", {"mime_type": "image/jpeg", "caption": "{key}"}, errors=failed)
    pen.then(Wait(_PACE_S))


def _not_for_the_crm(pen: Pen, people: list[Somebody]) -> None:
    """What must leave no trace in a CRM: accounts' own news, foreign numbers, test buttons."""
    now = pen.tick()
    status = {"event": "APPROVED", "message_template_id": 12, "message_template_name": "hello"}
    pen.put(payloads.account_update("message_template_status_update", **status))
    pen.put(payloads.account_update("phone_number_quality_update", event="DOWNGRADE"))
    pen.put(payloads.account_update("a_field_of_next_year", words="unknown"))
    foreign = payloads.text(people[0].peer(), "for another company", id="wamid.ZZ==", at=now)
    pen.put({**foreign, "account": "999999"})
    button = payloads.text(payloads.Person("16315551181", "test user name"), "test", id="ABG", at=1)
    pen.put({**button, "account": "123456123"})
    pen.put(payloads.preference(people[0].peer(), "stop", at=now))
    pen.put(payloads.named(people[1].peer(), at=now))
    pen.then(Wait(_PACE_S))


def disorder(pen: Pen) -> None:
    """The business answers; statuses, reactions and edits come before their messages, or twice."""
    pen.then(Announce("Our side answers; things come twice and in the wrong order."))
    everybody = list(pen.cast.values())
    for who in islice(everybody, 0, 40, 2):
        key = pen.answers(who, "Yes, it is in stock.")
        pen.status(key, "read")
        pen.status(key, "sent")
        pen.status(key, "delivered", shows="read")
        # The statuses overtake the message, the first of them by a whole delivery.
        late = pen.post(order=(1, 2, 0, 3))
        pen.then(Wait(_PACE_S))
        if late is not None and who.key in ("p01", "p05", "p09"):
            pen.again(late)
    _overtaken(pen, everybody)
    _failed(pen, everybody[1])
    pen.then(Calm())


def _overtaken(pen: Pen, everybody: list[Somebody]) -> None:
    """What happens to a message comes in a delivery before the message itself."""
    for who in everybody[1:24:3]:
        key = pen.says(who, "I want three of them")
        pen.reacts(key, "🎉")
        first, second = pen.split()
        pen.then(second, Wait(_PACE_S), first)
    for who in everybody[2:20:4]:
        key = pen.says(who, "I want for of them")
        pen.edits(key, "I want four of them")
        first, second = pen.split()
        pen.then(second, first, Wait(_PACE_S))
    for who in everybody[3:20:5]:
        key = pen.says(who, "my card number is 4111 1111")
        pen.post()
        pen.revokes(key)
        pen.then(Wait(_PACE_S))
    for who in everybody[4:20:6]:
        key = pen.says(who, "Thank you")
        pen.reacts(key, "👍")
        pen.post()
        pen.reacts(key, "")
        pen.then(Wait(_PACE_S))


def _failed(pen: Pen, who: Somebody) -> None:
    key = pen.answers(who, "Are you still there?")
    error = {"code": 131047, "title": "Re-engagement message"}
    pen.status(key, "sent")
    pen.status(key, "failed", shows="not delivered", errors=[error])
    voice = pen.answers(who, "A voice message, so to say")
    pen.status(voice, "played", shows="played")
    pen.status(voice, "delivered")
    pen.post()


def new_numbers(pen: Pen) -> None:
    """Numbers and user ids change, older spellings come back, a withheld number is told."""
    pen.then(Announce("Numbers change, and profile names do."))
    # Known to no CRM before: the record follows the person.
    max_ = pen.cast["p05"]
    moved = max_.with_number("4915112349905", "+4915112349905", "DE.9900000000000005")
    pen.moves(max_, moved)
    pen.says(moved, "This is my new number")
    pen.expect_phone(moved)
    # A CRM keeps a number of its own: what WhatsApp tells is a conflict, which the CRM wins.
    hannelore = pen.cast["p04"]
    pen.moves(hannelore, hannelore.with_number("4915112349904", hannelore.phone))
    pen.says(pen.cast["p04"], "New number here, too")
    pen.conflicts += 1
    # The other spelling of a Brazilian number, as the business's own app shows it.
    joao = pen.cast["p08"]
    pen.cast["p08"] = joao.with_number("5531987650001", joao.phone)
    pen.answers(pen.cast["p08"], "Bom dia!")
    pen.cast["p08"] = joao
    pen.then(Wait(1.0))
    facundo = pen.cast["p17"]
    pen.changes_user_id(facundo, facundo.with_number("", "", "AR.9900000000000017"))
    pen.says(pen.cast["p17"], "New id, same person")
    ren = pen.cast["p25"]
    _tells_number(pen, ren, "819012349925")
    pen.then(Wait(1.0))
    _new_names(pen)
    pen.then(Calm())


def _tells_number(pen: Pen, who: Somebody, number: str) -> None:
    """Somebody known by user id alone shares the own number, asked to."""
    card = {
        "origin": "contact_request",
        "name": {"formatted_name": "{key}"},
        "phones": [{"phone": f"+{number}", "wa_id": number}],
    }
    pen.shows(who, "contacts", [card])
    known = who.with_number(number, f"+{number}")
    pen.cast[who.key] = known
    pen.says(known, "Now you know my number")
    pen.expect_phone(known)


def _new_names(pen: Pen) -> None:
    """Profile names change: a CRM's own name stands, one that came from WhatsApp follows."""
    for key, given in (("p01", "Annie"), ("p30", "Raj"), ("p33", "Leila")):
        who = pen.cast[key].with_given(given)
        pen.renames(pen.cast[key], who)
        pen.says(who, "I have a new profile name")
        pen.conflicts += 1
        pen.facts.append(Fact(key, "whatsapp_name", who.name))
    nobody_else_named = pen.cast["p13"].with_given("Xime")
    pen.renames(pen.cast["p13"], nobody_else_named)
    pen.says(nobody_else_named, "Call me Xime")
    pen.facts.append(Fact("p13", "firstname", "Xime"))


#: Property -> its values on the one side and on the other.
_EDITS = ("jobtitle", "city", "zip")


def sales_people_edit(pen: Pen) -> None:
    """Edits on one side reach the other; ten against each other are conflicts."""
    pen.then(Announce("Sales people edit contacts, ten times against each other."))
    people = [key for key in pen.cast if key not in ("p02", "p21", "p36")]
    for place, key in enumerate(people[:24]):
        account = CRMS[place % 2]
        name = _EDITS[place % 3]
        edit = Edit(account, key, name, f"{name} of {key}, as {account} says")
        pen.then(edit)
        pen.facts.append(Fact(key, name, edit.value))
        if place % 4 == 3:
            pen.then(Wait(_PACE_S))
    pen.then(Calm())
    contradict(pen, people[24:34])
    pen.then(Calm())


def contradict(pen: Pen, people: list[str]) -> None:
    """Two sales people change one field of each of these at once."""
    for key in people:
        one = Edit(HS, key, "address", f"{key}, 1 First Street")
        other = Edit(HS2, key, "address", f"{key}, 2 Second Avenue")
        pen.then(Contradict(one, other), Wait(0.1))
        pen.conflicts += 1
