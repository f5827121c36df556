"""What customers and the people at the CRMs do."""

from __future__ import annotations

from random import Random

from syncbridge.model.conversation import Direction, MessageStatus
from syncbridge.testing.simulation.channel import ChannelVendor, Customer, SimMessage
from syncbridge.testing.simulation.crm import MOST_LATE_MS, CrmVendor, SimContact
from syncbridge.testing.simulation.world import SimWorld

#: Fields that people edit in CRMs, the usual ones more often.
_EDITED = (
    "company company company job_title job_title city given_name family_name phone mobile_phone "
    "email"
).split()
_EMOJI = ("👍", "❤", "")
_FURTHER = (
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
    MessageStatus.FAILED,
)


def write_message(world: SimWorld, chance: Random) -> None:
    """A customer writes, now and then for the first time."""
    customer = _customer(world, chance)
    channel = world.channels[customer.channel]
    world.said += 1
    media_id = ""
    if chance.random() < 0.1:
        media_id = f"{chance.choice(('file', 'file', 'lost'))}-{world.said}"
    with_name = chance.random() < 0.7
    text = f"words{world.said}x"
    message = channel.say(customer, text, media_id=media_id, with_name=with_name)
    named = f" as {customer.name!r}" if with_name else ""
    world.tell(f"{customer.key} writes {text} ({message.remote_id}){named}")


def write_many(world: SimWorld, chance: Random) -> None:
    """Several customers write at once."""
    for _ in range(chance.randint(3, 6)):
        write_message(world, chance)


def answer(world: SimWorld, chance: Random) -> None:
    """The company answers from its own app."""
    customer = _known_customer(world, chance)
    if customer is None:
        return
    world.said += 1
    text = f"words{world.said}x"
    message = world.channels[customer.channel].answer(customer, text)
    world.tell(f"the company answers {customer.key} {text} ({message.remote_id})")


def tell_status(world: SimWorld, chance: Random) -> None:
    """An answer is sent, delivered, read, or fails."""
    found = _message(world, chance, Direction.OUTBOUND)
    if found is None:
        return
    channel, message = found
    said = {status for _, status in message.statuses}
    left = [status for status in _FURTHER if status not in said]
    if MessageStatus.DELIVERED in said or MessageStatus.READ in said:
        left = [status for status in left if status is not MessageStatus.FAILED]
    if MessageStatus.FAILED in said or not left:
        return
    status = left[0] if chance.random() < 0.8 else chance.choice(left)
    channel.advance(message, status, chance)
    world.tell(f"{message.remote_id} is {status}")


def change_message(world: SimWorld, chance: Random) -> None:
    """A message is reacted to, edited or withdrawn."""
    found = _message(world, chance, None)
    if found is None:
        return
    channel, message = found
    what = chance.random()
    if what < 0.5:
        side = chance.choice((Direction.INBOUND, Direction.OUTBOUND))
        emoji = chance.choice(_EMOJI)
        channel.react(message, side, emoji, chance)
        world.tell(f"reaction {emoji or 'taken away'} ({side}) on {message.remote_id}")
    elif what < 0.9 and not message.is_revoked and not message.media_id:
        text = f"{message.text} edit{len(message.edits) + 1}z"
        channel.rewrite(message, text, chance)
        world.tell(f"{message.remote_id} now says {text!r}")
    elif what >= 0.9 and not message.is_revoked:
        channel.revoke(message, chance)
        world.tell(f"{message.remote_id} is withdrawn")


def rename(world: SimWorld, chance: Random) -> None:
    """A customer changes the name of their profile; it shows with their next message."""
    customer = _known_customer(world, chance)
    if customer is not None:
        world.said += 1
        customer.name = f"{customer.given} Profile{world.said}"
        world.tell(f"{customer.key} is now called {customer.name!r}")


def change_number(world: SimWorld, chance: Random) -> None:
    """A customer takes another number."""
    customer = _known_customer(world, chance)
    if customer is not None and customer.shows_number:
        world.said += 1
        world.channels[customer.channel].move(customer, _number(world.said + 5_000))
        world.tell(f"{customer.key} changes their number to {customer.number}")


def hide_number(world: SimWorld, chance: Random) -> None:
    """A customer takes a user name: the channel withholds their number from now on."""
    customer = _known_customer(world, chance)
    if customer is not None and customer.has_shown_both:
        customer.shows_number = not customer.shows_number
        word = "shows" if customer.shows_number else "hides"
        world.tell(f"{customer.key} {word} their number")


def say_consent(world: SimWorld, chance: Random) -> None:
    """A customer stops or resumes marketing messages."""
    customer = _known_customer(world, chance)
    if customer is not None:
        is_out = chance.random() < 0.6
        world.channels[customer.channel].consent(customer, is_opted_out=is_out)
        world.tell(f"{customer.key} {'stops' if is_out else 'resumes'} marketing messages")


def create_contact(world: SimWorld, chance: Random) -> None:
    """Somebody makes a contact in a CRM: a stranger, or one of the customers."""
    crm = _crm(world, chance)
    world.said += 1
    number = world.said
    values = {"company": f"Firm{number}"}
    customers = [one for channel in world.channels.values() for one in channel.customers]
    customer = chance.choice(customers) if customers and chance.random() < 0.4 else None
    if customer is not None and customer.number:
        values["phone"] = f"+{customer.number}"
        if chance.random() < 0.5:
            values["given_name"] = customer.given
    else:
        values["given_name"] = f"Given{number}"
        values["email"] = _email(world, chance, number)
        if chance.random() < 0.5:
            values["phone"] = f"+{_number(number + 2_000)}"
    if any(
        values.get("email") and one.values.get("email") == values["email"] for one in crm.live()
    ):
        return
    contact = crm.create(values)
    told = ", ".join(f"{name}={value!r}" for name, value in values.items())
    world.tell(f"somebody makes contact {contact.id} in {crm.traits.name}: {told}")


def edit_contact(world: SimWorld, chance: Random) -> None:
    """Somebody changes or clears fields of a contact."""
    picked = _contact(world, chance)
    if picked is None:
        return
    crm, contact = picked
    values: dict[str, str | None] = {}
    for name in chance.sample(_EDITED, chance.choice((1, 1, 1, 2))):
        if not crm.has(name):
            continue
        is_clear = chance.random() < 0.15
        if is_clear and (
            name in ("given_name", "family_name", "email") or not _shown(crm, contact, name)
        ):
            continue
        world.said += 1
        values[name] = None if is_clear else value_of(name, world.said)
    if not values:
        return
    late_ms = 0
    if crm.traits.commits_late and chance.random() < 0.3:
        late_ms = chance.randint(1, MOST_LATE_MS)
    crm.edit(contact, values, late_ms=late_ms)
    told = ", ".join(f"{name}={value!r}" for name, value in values.items())
    late = f" (visible {late_ms} ms later)" if late_ms else ""
    world.tell(f"somebody writes {told} on {contact.id} in {crm.traits.name}{late}")


def collide(world: SimWorld, chance: Random) -> None:
    """Two people change one field of one person in two CRMs, at the same time or nearly so."""
    picked = _contact(world, chance)
    if picked is None:
        return
    crm, contact = picked
    marks = _marks(crm, contact)
    others = [
        (other, one)
        for other in world.crms.values()
        for one in other.live()
        if other is not crm and one.locked_until_ms <= world.clock.ms and marks & _marks(other, one)
    ]
    fields = [name for name in ("company", "job_title", "city", "family_name") if crm.has(name)]
    if not others or not fields:
        return
    name = chance.choice(fields)
    other, twin = chance.choice(others)
    for there, record in ((crm, contact), (other, twin)):
        if not there.has(name):
            continue
        world.said += 1
        value = value_of(name, world.said)
        there.edit(record, {name: value}, late_ms=0)
        world.tell(f"somebody writes {name}={value!r} on {record.id} in {there.traits.name}")
        world.clock.advance(ms=chance.choice((0, 0, 1, 900, 5_000)))


def _marks(crm: CrmVendor, contact: SimContact) -> set[str]:
    """Answer what shows that two records are of one person."""
    names = ("phone", "whatsapp_number", "email")
    return {value for name in names if (value := crm.shown(contact, name))}


def archive_contact(world: SimWorld, chance: Random) -> None:
    """Somebody deletes a contact."""
    picked = _contact(world, chance)
    if picked is not None:
        crm, contact = picked
        crm.archive(contact)
        world.tell(f"somebody deletes {contact.id} in {crm.traits.name}")


def restore_contact(world: SimWorld, chance: Random) -> None:
    """Somebody takes a contact out of the bin, where nothing forbids it."""
    crm = _crm(world, chance)
    emails = {one.values.get("email") for one in crm.live()}
    binned = [
        one
        for one in crm.contacts.values()
        if one.is_archived and (not one.values.get("email") or one.values["email"] not in emails)
    ]
    if binned:
        contact = chance.choice(binned)
        crm.restore(contact)
        world.tell(f"somebody restores {contact.id} in {crm.traits.name}")


def _shown(crm: CrmVendor, contact: SimContact, name: str) -> str | None:
    return crm.shown(contact, name)


def value_of(name: str, number: int) -> str:
    """Answer a value of a field that nobody wrote before."""
    if name in ("phone", "mobile_phone"):
        return f"+{_number(number + 8_000)}"
    if name == "email":
        return f"p{number}@example.org"
    return f"{name.replace('_', '').capitalize()}{number}"


def _number(number: int) -> str:
    """Answer the digits of a German mobile number that nobody else has."""
    return f"49170{1_000_000 + number}"


def _email(world: SimWorld, chance: Random, number: int) -> str:
    """Answer an address of their own, or that of somebody in another CRM."""
    known = sorted(
        {
            contact.values["email"]
            for crm in world.crms.values()
            for contact in crm.live()
            if contact.values.get("email")
        }
    )
    if known and chance.random() < 0.3:
        return chance.choice(known)
    return f"p{number}@example.org"


def _crm(world: SimWorld, chance: Random) -> CrmVendor:
    return world.crms[chance.choice(sorted(world.crms))]


def _contact(world: SimWorld, chance: Random) -> tuple[CrmVendor, SimContact] | None:
    crm = _crm(world, chance)
    free = [one for one in crm.live() if one.locked_until_ms <= world.clock.ms]
    return (crm, chance.choice(free)) if free else None


def _customer(world: SimWorld, chance: Random) -> Customer:
    everybody = [one for channel in world.channels.values() for one in channel.customers]
    if len(everybody) >= world.plan.customers and chance.random() < 0.97:
        return chance.choice(everybody)
    number = len(everybody) + 1
    channel = world.channels[chance.choice(sorted(world.channels))]
    customer = Customer(
        key=f"customer{number}",
        channel=channel.name,
        number=_number(number),
        user_id=f"DE.user{number}",
        given=f"Cust{'abcdefghijklmnop'[number % 16]}{number}",
        name="",
    )
    customer.name = f"{customer.given} Profile0{number}"
    channel.join(customer)
    return customer


def _known_customer(world: SimWorld, chance: Random) -> Customer | None:
    everybody = [one for channel in world.channels.values() for one in channel.customers]
    return chance.choice(everybody) if everybody else None


def _message(
    world: SimWorld, chance: Random, direction: Direction | None
) -> tuple[ChannelVendor, SimMessage] | None:
    found = [
        (channel, message)
        for channel in world.channels.values()
        for message in channel.messages[-12:]
        if direction in (None, message.direction)
    ]
    return chance.choice(found) if found else None
