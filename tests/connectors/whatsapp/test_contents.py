"""What each type of message says, in words for people and with what is worth keeping."""

import json

import pytest

from connectors.whatsapp.sandbox import payloads
from connectors.whatsapp.wire.content import NO_CONTENT
from syncbridge.model.conversation import MessageKind as Is
from tests.connectors.whatsapp.deliveries import ANA, AT, content_of, seen

HEX = "ab" * 32
BASE64 = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
CARD = {
    "name": {"formatted_name": "Lucía Gómez", "first_name": "Lucía"},
    "phones": [{"phone": "+49 151 11", "wa_id": "4915111"}, {"wa_id": "4930222"}],
    "emails": [{"email": "l@example.org"}],
    "org": {"company": "Example"},
}
ITEM = {"product_retailer_id": "SKU-1", "quantity": 2, "item_price": 30, "currency": "USD"}


def answer(kind: str, **part: object) -> dict[str, object]:
    return {"type": kind, kind: part}


@pytest.mark.parametrize(
    ("kind", "part", "expected_kind", "words"),
    [
        ("text", {"body": "Grüße 😀\n  da"}, Is.TEXT, "Grüße 😀\n  da"),
        ("text", {"body": ""}, Is.TEXT, ""),
        ("image", {"id": "7", "caption": "the roof"}, Is.IMAGE, "the roof"),
        ("video", {"id": "7"}, Is.VIDEO, ""),
        ("audio", {"id": "7", "voice": True}, Is.AUDIO, ""),
        ("document", {"id": "7", "filename": "a.pdf"}, Is.DOCUMENT, ""),
        ("sticker", {"id": "7", "animated": True}, Is.STICKER, ""),
        (
            "location",
            {"latitude": 52.5, "longitude": -13.25, "name": "Shop", "address": "Main St 1"},
            Is.LOCATION,
            "Shop, Main St 1 (52.5, -13.25)",
        ),
        ("location", {"latitude": 0, "longitude": "1.5"}, Is.LOCATION, "(0, 1.5)"),
        (
            "contacts",
            [CARD, {"name": {"first_name": "Max", "last_name": "Moritz"}}],
            Is.CONTACTS,
            "Contact: Lucía Gómez +49 151 11 +4930222, l@example.org, Example\nContact: Max Moritz",
        ),
        (
            "order",
            {"text": "please", "product_items": [ITEM, {"product_retailer_id": "B"}]},
            Is.ORDER,
            "please\n2 x SKU-1 at 30 USD\n1 x B",
        ),
        ("button", {"payload": "p", "text": "Yes!"}, Is.BUTTON, "Yes!"),
        ("interactive", answer("button_reply", id="a", title="Cancel"), Is.INTERACTIVE, "Cancel"),
        (
            "interactive",
            answer("list_reply", id="a", title="Express", description="2 days"),
            Is.INTERACTIVE,
            "Express: 2 days",
        ),
        (
            "interactive",
            answer("call_permission_reply", response="reject"),
            Is.INTERACTIVE,
            "Calls: reject",
        ),
        ("interactive", answer("new_reply", text="hm"), Is.INTERACTIVE, "hm"),
        ("system", {"type": "news", "body": "Something"}, Is.SYSTEM, "Something"),
        ("unsupported", {"type": "poll"}, Is.UNSUPPORTED, ""),
        ("unknown", None, Is.UNSUPPORTED, ""),
        ("hologram", {"x": 1}, Is.UNKNOWN, ""),
        ("media_placeholder", None, Is.UNKNOWN, ""),
    ],
)
def test_each_type_has_its_kind_and_words(
    kind: str, part: object, expected_kind: Is, words: str
) -> None:
    content = content_of(kind, part)
    assert (content.kind, content.text, content.problems) == (expected_kind, words, ())


@pytest.mark.parametrize(
    ("kind", "part", "key", "kept"),
    [
        ("location", {"latitude": 1, "longitude": 2, "url": "u"}, "url", "u"),
        ("contacts", [CARD], "contacts", [CARD]),
        ("order", {"product_items": [ITEM]}, "product_items", [ITEM]),
        ("button", {"payload": "p", "text": "t"}, "payload", "p"),
        ("interactive", answer("list_reply", id="a"), "list_reply", {"id": "a"}),
        ("unsupported", {"type": "poll"}, "unsupported", {"type": "poll"}),
        ("hologram", {"x": 1}, "hologram", {"x": 1}),
        ("hologram", {"x": 1}, "type", "hologram"),
    ],
)
def test_what_a_machine_may_need_is_kept(kind: str, part: object, key: str, kept: object) -> None:
    assert content_of(kind, part).details[key] == kept


@pytest.mark.parametrize(
    "kind", ["text", "image", "location", "contacts", "order", "interactive", "button"]
)
@pytest.mark.parametrize("part", [None, "?", 5, [], {}])
def test_missing_or_odd_content_is_a_problem_and_not_a_loss(kind: str, part: object) -> None:
    content = content_of(kind, part)
    assert content.kind == Is(kind)
    is_allowed_empty = kind in ("order", "button") and part == {}
    is_empty_list = kind == "contacts" and part == []
    assert bool(content.problems) is not (is_allowed_empty or is_empty_list)


def test_a_message_without_a_type_is_told_by_what_it_carries() -> None:
    update = payloads.text(ANA, "hello", id="wamid.M", at=AT)
    del update["item"]["type"]
    assert seen(update).content.text == "hello"


def test_a_file_is_described_with_its_hash_in_hex() -> None:
    part = {"id": "7", "mime_type": "audio/ogg; codecs=opus", "sha256": BASE64, "url": "https://u"}
    media = content_of("audio", {**part, "voice": True}).media
    assert media is not None
    assert (media.remote_id, media.mime_type, media.sha256, media.url, media.is_voice) == (
        "7", "audio/ogg; codecs=opus", HEX, "https://u", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [(HEX, HEX), (HEX.upper(), HEX), (BASE64, HEX), ("4654+8g=", ""), ("a1b2…", ""), (None, "")],
)
def test_a_hash_is_read_from_hex_and_base64(written: object, read: str) -> None:
    media = content_of("image", {"id": "7", "sha256": written}).media
    assert media is not None
    assert media.sha256 == read


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("offer.pdf", "offer.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\x.doc", "x.doc"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("..", ""),
        ("a\nb.txt", "ab.txt"),
    ],
)
def test_a_strangers_file_name_is_no_path(written: str, kept: str) -> None:
    media = content_of("document", {"id": "7", "filename": written}).media
    assert media is not None
    assert media.filename == kept


def test_a_file_that_meta_could_not_load_keeps_its_message_with_the_reason() -> None:
    error = {"code": 131052, "title": "Media download error", "error_data": {"details": "> 100 MB"}}
    content = content_of("image", {"mime_type": "image/jpeg"}, errors=[error])
    assert content.kind is Is.IMAGE
    assert content.problems == (
        "WhatsApp named no file",
        "131052 Media download error: > 100 MB",
    )


def test_an_unsupported_message_says_why() -> None:
    update = payloads.unsupported(ANA, "poll", id="wamid.M", at=AT)
    expected = "131051 Message type unknown: Message type is currently not supported."
    assert seen(update).content.problems == (expected,)


def test_a_form_is_read_line_by_line_without_its_token() -> None:
    answers = {"size": "XL", "extras": ["bow", "card"], "agree": True, "flow_token": "secret"}
    content = seen(payloads.form(ANA, answers, id="wamid.M", at=AT)).content
    assert content.text == "size: XL\nextras: bow, card\nagree: true"
    assert json.loads(content.details["nfm_reply"]["response_json"]) == answers


@pytest.mark.parametrize("broken", ["{", "[1]", "", "null"])
def test_a_form_that_is_no_json_keeps_what_came(broken: str) -> None:
    content = seen(payloads.form(ANA, broken, id="wamid.M", at=AT)).content
    assert content.text == "Sent"
    assert content.details["nfm_reply"]["response_json"] == broken
    assert content.problems != ()


def test_interactive_without_an_answer_names_the_lack() -> None:
    content = content_of("interactive", None)
    assert content.problems == (NO_CONTENT,)


def test_group_and_product_stay_with_the_content() -> None:
    product = {"catalog_id": "1", "product_retailer_id": "SKU"}
    context = {"id": "wamid.P", "referred_product": product, "frequently_forwarded": True}
    update = payloads.text(ANA, "this?", id="wamid.M", at=AT, context=context, group_id="G1")
    body = seen(update)
    assert body.content.details == {
        "group_id": "G1",
        "referred_product": product,
        "is_frequently_forwarded": True,
    }
    assert body.is_forwarded is True
