from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.service.web_world import MUHAMMAD, TOKEN

pytestmark = pytest.mark.chromium


def test_a_person_signs_in_and_out(console):
    page = console.page
    console.go("/deadletters")
    page.get_by_label("Access token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Dead letters", exact=True)).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Access token")).to_be_focused()
    console.go("/")
    expect(page).to_have_url(re.compile("/login"))


def test_the_token_of_a_link_leaves_the_address(console):
    console.sign_in()

    assert TOKEN not in console.page.url
    expect(console.page.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_conflict_is_decided_by_a_click_and_written(console):
    page = console.page
    console.sign_in()
    page.get_by_role("link", name="conflicts to decide").click()

    page.get_by_role("button", name="Take ours hs").click()

    expect(page.get_by_role("status")).to_have_text("Company of Anna Müller is now “Müller GmbH”.")
    expect(page.get_by_text("Nothing to decide.")).to_be_visible()
    console.world.turn()
    for crm in console.world.crms:
        companies = [one.get("company") for one in console.world.records(crm)]
        assert "Müller GmbH" in companies
        assert "Müller & Söhne KG" not in companies


def test_a_conflict_is_decided_by_keys_alone(console):
    page = console.page
    console.sign_in()
    console.go("/conflicts")

    page.keyboard.press("j")
    expect(page.locator("#conflict-2")).to_be_focused()
    page.keyboard.press("v")
    page.keyboard.type("jkot AG")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("is now “jkot AG”")


def test_conflicts_are_chosen_by_key_and_decided_together(console):
    page = console.page
    console.sign_in()
    console.go("/conflicts?tab=initial")

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_label("all", exact=True)).to_be_checked()
    page.get_by_role("button", name="Theirs for the chosen").click()

    expect(page.get_by_role("status")).to_have_text("1 decided.")
    expect(page).to_have_url(re.compile("tab=initial"))


def test_a_dead_letter_is_looked_into_and_replayed(console):
    page = console.page
    console.sign_in()
    page.get_by_role("link", name="Dead letters 1").click()

    page.get_by_text("1 try").click()
    expect(page.get_by_role("columnheader", name="What was said")).to_be_visible()
    page.get_by_role("button", name="Replay the chosen").click()

    expect(page.get_by_role("status")).to_have_text("1 entry is tried again.")
    console.world.settle()
    assert [one for one in console.world.records("hs2") if one.get("firstname") == "محمد"]


def test_a_dead_letter_is_given_up_only_with_a_reason(console):
    page = console.page
    console.sign_in()
    console.go("/deadletters")

    page.get_by_role("button", name="Discard the chosen").click()
    reason = page.get_by_placeholder("reason")
    expect(reason).to_be_focused()
    expect(page.get_by_role("status")).to_have_count(0)

    reason.fill("a test number")
    reason.press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 entry is discarded: a test number")


def test_a_person_is_found_by_a_key_and_a_number(console):
    page = console.page
    console.sign_in()

    page.keyboard.press("/")
    page.keyboard.type("0151 12345678")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Anna Müller", exact=True)).to_be_visible()
    expect(page.get_by_role("row", name="Company Müller & Söhne KG")).to_contain_text("hs2")
    expect(page.get_by_text("hs changed company")).to_be_visible()


def test_what_strangers_write_is_text_in_its_own_direction(console):
    page = console.page
    console.world.edit("hs", "+33612345678", company="<img src=x onerror=alert(1)>&<b>")
    console.world.turn()
    console.sign_in()

    console.go("/persons?q=33612345678")
    expect(page.get_by_text("</script><script>alert(1)</script>", exact=True)).to_be_visible()
    assert page.locator("main img, main script, main b b").count() == 0

    console.go("/persons?q=971501234567")
    heading = page.get_by_role("heading", name=MUHAMMAD.name)
    expect(heading).to_be_visible()
    message = page.locator(".message .text")
    assert message.evaluate("one => getComputedStyle(one).direction") == "rtl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(console, scheme):
    page = console.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    console.sign_in()

    for path in (
        "/",
        "/conflicts",
        "/conflicts?tab=initial",
        "/deadletters",
        "/persons",
        "/persons?q=4915112345678",
        "/connections/hs/go-live",
        "/api/docs",
    ):
        console.go(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, path
