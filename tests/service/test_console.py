from __future__ import annotations

import re

import pytest

from syncbridge.engine import resync, views
from syncbridge.web.access import local_path
from tests.service.web_world import ANNA, MUHAMMAD, PUBLIC_URL, TOKEN, furnish, world


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """A furnished world that tests only read."""
    with world(tmp_path_factory.mktemp("console")) as made:
        furnish(made)
        yield made


@pytest.fixture
def furnished(tmp_path):
    with world(tmp_path) as made:
        furnish(made)
        yield made


def signed_in(made):
    client = made.app.test_client()
    assert client.get(f"/?token={TOKEN}").status_code == 303
    return client


def csrf(client, path="/"):
    return re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)[1]


def send(client, path, **form):
    return client.post(path, data={"csrf": csrf(client), **form}, follow_redirects=True)


PAGES = ["/", "/conflicts", "/conflicts/1", "/deadletters", "/persons", "/connections/hs/go-live"]


@pytest.mark.parametrize("path", [*PAGES, "/deadletters/1?part=1", "/persons/x"])
def test_a_stranger_is_asked_for_the_token_and_sees_nothing(looked_at, path):
    answer = looked_at.app.test_client().get(path)

    assert answer.status_code == 303
    assert answer.location == f"/login?next={path.replace('=', '%3D')}"
    assert "Anna" not in answer.text


@pytest.mark.parametrize(
    "path", ["/conflicts/decide", "/deadletters/replay", "/connections/hs/pause", "/logout"]
)
def test_a_stranger_changes_nothing(looked_at, path):
    assert looked_at.app.test_client().post(path).status_code in {303, 403}


def test_a_link_with_the_token_signs_in_and_leaves_it_behind(looked_at):
    client = looked_at.app.test_client()

    answer = client.get(f"/conflicts?tab=initial&token={TOKEN}")

    assert (answer.status_code, answer.location) == (303, "/conflicts?tab=initial")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/conflicts").status_code == 200


def test_a_wrong_token_signs_nobody_in(looked_at):
    client = looked_at.app.test_client()

    assert client.get("/?token=wrong").location == "/login?next=/&wrong=1"
    form = {"token": "wrong", "next": "/", "csrf": csrf(client, "/login")}
    assert client.post("/login", data=form).location == "/login?next=/&wrong=1"
    assert "not the token" in client.get("/login?wrong=1").text
    assert client.get("/").status_code == 303


def test_the_token_typed_leads_to_the_page_that_was_wanted(looked_at):
    client = looked_at.app.test_client()
    form = {"token": f" {TOKEN} ", "next": "/deadletters", "csrf": csrf(client, "/login")}

    assert client.post("/login", data=form).location == "/deadletters"
    assert client.get("/deadletters").status_code == 200


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb", "x"]
)
def test_nobody_is_led_elsewhere(wanted):
    assert local_path(wanted) == "/"


def test_signing_out_ends_the_session(looked_at):
    client = signed_in(looked_at)

    send(client, "/logout")

    assert client.get("/").status_code == 303


def test_another_token_ends_every_session(tmp_path):
    with world(tmp_path) as made:
        cookie = signed_in(made).get_cookie("syncbridge")
    with world(tmp_path, token="another") as made:
        client = made.app.test_client()
        client.set_cookie("syncbridge", cookie.value)
        assert client.get("/").status_code == 303


def test_the_cookie_is_secure_where_the_pages_are_public(looked_at):
    client = looked_at.app.test_client()

    answer = client.get(f"/?token={TOKEN}", base_url=PUBLIC_URL.replace("https", "http"))

    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_form_that_is_not_ours_changes_nothing(looked_at):
    client = signed_in(looked_at)

    for form in ({}, {"csrf": "guessed"}, {"csrf": "ü"}):
        answer = client.post("/connections/hs/pause", data=form)
        assert answer.status_code == 403
        assert "out of date" in answer.text
    assert not any(one["is_paused"] for one in status(looked_at))


def status(made):
    return views.status(made.service.engine)["connections"]


@pytest.mark.parametrize(
    "path", [*PAGES, "/login", "/healthz", "/api/docs", "/nothing", "/static/console.css"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(looked_at, path):
    answer = signed_in(looked_at).get(path, buffered=True)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (answer.headers["Cache-Control"] == "no-store") == (not path.startswith("/static"))
    assert not re.search(r"<(script|style)>| style=| on[a-z]+=", answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_every_form_carries_its_proof(looked_at, path):
    page = signed_in(looked_at).get(path).text

    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, flags=re.DOTALL)
    assert forms
    assert all('name="csrf"' in form for form in forms)


def test_text_of_strangers_is_shown_as_text(looked_at):
    client = signed_in(looked_at)

    anna = client.get("/persons?q=%2B4915112345678", follow_redirects=True).text
    mallory = client.get("/persons?q=33612345678", follow_redirects=True).text
    nobody = client.get("/persons", query_string={"q": "<script>alert(1)</script>"}).text

    assert "&lt;b&gt;Danke&lt;/b&gt;" in anna
    assert "Müller &amp; Söhne KG" in anna
    for page in (mallory, nobody):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page


def test_people_are_found_from_the_pages_in_any_script(looked_at):
    page = signed_in(looked_at).get("/persons?q=971501234567", follow_redirects=True).text

    assert f"<bdi>{MUHAMMAD.name}</bdi>" in page
    assert "مرحبا" in page


def test_several_conflicts_are_decided_at_once(furnished):
    client = signed_in(furnished)

    page = send(client, "/conflicts/decide", id=["2", "999"], choice="ours")

    assert "1 decided. 1 had been decided before." in page.text
    assert "Nothing to decide" in page.text
    assert "Müller GmbH" in client.get("/conflicts?state=all").text


def test_one_conflict_is_decided_once(furnished):
    client = signed_in(furnished)
    form = {"choice": "value", "value": "Müller AG", "back": "/conflicts?state=all"}

    page = send(client, "/conflicts/2/decide", **form)
    assert "Company of Anna Müller is now “Müller AG”." in page.text
    assert page.request.path == "/conflicts"

    again = send(client, "/conflicts/2/decide", choice="ours")
    assert again.status_code == 409
    assert "console" in again.text


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/conflicts/2/decide", {"choice": "mine"}, 400),
        ("/conflicts/999/decide", {"choice": "ours"}, 404),
        ("/conflicts/decide", {"id": "2", "choice": "value"}, 400),
        ("/deadletters/replay", {}, 400),
        ("/deadletters/discard", {"id": "1", "reason": " "}, 400),
        ("/connections/nobody/pause", {}, 404),
        ("/connections/hs/go-live", {"confirm": "hs2"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_page(looked_at, path, form, status):
    answer = send(signed_in(looked_at), path, **form)

    assert answer.status_code == status
    assert "To the overview" in answer.text


def test_dead_letters_are_discarded_with_a_reason_and_replayed(furnished):
    client = signed_in(furnished)
    entry = re.search(r'name="id" value="(\d+)"', client.get("/deadletters").text)[1]

    page = send(client, "/deadletters/discard", id=entry, reason="a test number")
    assert "1 entry is discarded: a test number" in page.text
    assert "No dead letters" in page.text

    page = send(client, "/deadletters/replay", id=entry)
    assert "1 entry is tried again" in page.text
    furnished.settle()
    assert [one for one in furnished.records("hs2") if one.get("firstname") == "محمد"]


def test_lists_are_filtered_by_their_address(looked_at):
    client = signed_in(looked_at)

    assert "There was a problem" in client.get("/deadletters?connection=hs2&cause=invalid").text
    assert "No dead letters here" in client.get("/deadletters?connection=hs").text
    assert "No dead letters here" in client.get("/deadletters?cause=forbidden").text
    assert "Geschäftsführung" in client.get("/conflicts?tab=initial").text
    assert "Geschäftsführung" not in client.get("/conflicts").text


def test_an_observing_connection_goes_live_from_its_plan(tmp_path):
    with world(tmp_path, mode="observe") as made:
        made.turn()
        made.say(ANNA)
        made.turn()
        client = signed_in(made)

        assert "hs observes." in client.get("/").text
        assert "Anna Müller" in client.get("/connections/hs/go-live").text
        page = send(client, "/connections/hs/go-live", confirm="hs")
        made.settle()

        assert "hs is live" in page.text
        assert "It is live already" in client.get("/connections/hs/go-live").text
        assert [one["firstname"] for one in made.records("hs")] == ["Anna"]


def test_the_overview_says_when_nobody_works(tmp_path):
    with world(tmp_path) as made:
        client = signed_in(made)
        assert "Nobody works." in client.get("/").text

        made.beat()
        assert "Nobody works." not in client.get("/").text

        made.clock.advance(60)
        assert "Nobody works." in client.get("/").text


def test_a_connection_is_paused_resumed_and_read_again_from_the_overview(furnished):
    client = signed_in(furnished)

    assert "hs is paused" in send(client, "/connections/hs/pause").text
    assert "Nothing is written: somebody paused it." in client.get("/").text
    assert "hs writes again" in send(client, "/connections/hs/resume").text
    page = send(client, "/connections/hs/resync")
    assert "The run of hs is done." in page.text or "hs is being read." in page.text


def test_an_expired_credential_is_told_on_the_overview(furnished):
    furnished.control("hs", "POST", "expire-token")
    furnished.clock.advance(60)
    resync.poll(furnished.service.engine, "hs")

    page = signed_in(furnished).get("/").text
    assert "hs waits." in page
    assert "expired" in page


def test_a_token_is_made_and_kept_where_the_settings_have_none(tmp_path):
    with world(tmp_path, token=None) as made:
        kept = tmp_path / "syncbridge.token"
        token = kept.read_text().strip()
        assert kept.stat().st_mode & 0o777 == 0o600
        assert made.app.test_client().get(f"/?token={token}").location == "/"
    with world(tmp_path, token=None) as made:
        assert made.app.test_client().get(f"/?token={token}").location == "/"
        assert made.app.test_client().get("/?token=").location != "/"
