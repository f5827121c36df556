from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.service.web_world import ANNA, TOKEN, furnish, world

AUTH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """A furnished world that tests only read."""
    with world(tmp_path_factory.mktemp("api")) as made:
        furnish(made)
        yield made


@pytest.fixture
def furnished(tmp_path):
    with world(tmp_path) as made:
        furnish(made)
        yield made


def get(made, path, status=200, **query):
    answer = made.app.test_client().get(f"/api/v1{path}", query_string=query, headers=AUTH)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def post(made, path, body=None, status=200):
    answer = made.app.test_client().post(f"/api/v1{path}", json=body, headers=AUTH)
    assert answer.status_code == status, answer.text
    return answer.get_json()


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {TOKEN}", "Bearer", TOKEN, "ü"])
@pytest.mark.parametrize("path", ["/status", "/conflicts/1", "/persons?id=x"])
def test_without_the_token_nothing_is_told(looked_at, header, path):
    headers = {"Authorization": header} if header else {}

    answer = looked_at.app.test_client().get(f"/api/v1{path}", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["error"]["code"] == "unauthorized"


def test_every_call_below_v1_asks_for_the_token(looked_at):
    rules = [rule for rule in looked_at.app.url_map.iter_rules() if "/api/v1" in rule.rule]
    client = looked_at.app.test_client()

    assert len(rules) > 15
    for rule in rules:
        path = rule.rule.replace("<name>", "hs").replace("<person_id>", "x")
        path = path.replace("<int:conflict_id>", "1").replace("<int:entry_id>", "1")
        (method,) = rule.methods - {"HEAD", "OPTIONS"}
        assert client.open(path, method=method, json={}).status_code == 401, rule


def test_status_tells_how_everything_stands(looked_at):
    status = get(looked_at, "/status")

    assert {one["name"]: one["mode"] for one in status["connections"]} == {
        "hs": "live",
        "hs2": "live",
        "wa": "live",
    }
    assert (status["conflicts"], status["initial_differences"], status["dead_letters"]) == (1, 1, 1)
    assert get(looked_at, "/connections")["connections"] == status["connections"]


def test_conflicts_and_initial_differences_are_listed_apart(looked_at):
    (conflict,) = get(looked_at, "/conflicts")["conflicts"]
    (initial,) = get(looked_at, "/conflicts", initial="true")["conflicts"]

    assert (conflict["field"], conflict["ours"], conflict["theirs"]) == (
        "company",
        "Müller GmbH",
        "Müller & Söhne KG",
    )
    assert (initial["field"], initial["is_initial"]) == ("job_title", True)
    assert get(looked_at, f"/conflicts/{conflict['id']}") == conflict


def test_lists_are_given_in_parts(looked_at):
    first = get(looked_at, "/conflicts", initial="true", limit=1)

    assert first["next"] == first["conflicts"][0]["id"]
    rest = get(looked_at, "/conflicts", initial="true", limit=1, after=first["next"])
    assert rest == {"conflicts": [], "next": None}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ({"choice": "ours"}, "Müller GmbH"),
        ({"choice": "theirs"}, "Müller & Söhne KG"),
        ({"choice": "value", "value": "  Müller   AG "}, "Müller AG"),
        ({"choice": "value", "value": None}, None),
    ],
)
def test_a_decision_reaches_every_record(furnished, body, value):
    (conflict,) = get(furnished, "/conflicts")["conflicts"]

    decided = post(furnished, f"/conflicts/{conflict['id']}/resolve", body)
    furnished.turn()

    assert (decided["state"], decided["resolution"], decided["resolved_by"]) == (
        "resolved",
        value,
        "api",
    )
    for crm in furnished.crms:
        (record,) = [one for one in furnished.records(crm) if one.get("firstname") == "Anna"]
        assert (record.get("company") or None) == value


def test_a_conflict_is_decided_once(furnished):
    (conflict,) = get(furnished, "/conflicts")["conflicts"]
    post(furnished, f"/conflicts/{conflict['id']}/resolve", {"choice": "ours"})

    again = post(furnished, f"/conflicts/{conflict['id']}/resolve", {"choice": "theirs"}, 409)

    assert again["error"]["code"] == "conflict"
    assert "api" in again["error"]["message"]
    assert get(furnished, "/conflicts")["conflicts"] == []
    assert len(get(furnished, "/conflicts", open="false")["conflicts"]) == 1


def test_a_dead_letter_shows_its_cause_its_advice_and_its_attempts(looked_at):
    (letter,) = get(looked_at, "/deadletters")["dead_letters"]

    shown = get(looked_at, f"/deadletters/{letter['id']}")

    assert (letter["connection"], letter["cause"]) == ("hs2", "invalid")
    assert "replay" in letter["advice"]
    assert [one["outcome"] for one in shown["attempts"]] == ["invalid"]
    assert get(looked_at, "/deadletters", connection="hs")["dead_letters"] == []


@pytest.mark.parametrize("by_id", [True, False])
def test_a_replayed_dead_letter_is_written(furnished, by_id):
    (letter,) = get(furnished, "/deadletters")["dead_letters"]
    body = {"ids": [letter["id"]]} if by_id else {"all": True, "connection": "hs2"}

    assert post(furnished, "/deadletters/replay", body) == {"replayed": 1}
    furnished.settle()

    assert get(furnished, "/deadletters")["dead_letters"] == []
    assert [one for one in furnished.records("hs2") if one.get("firstname") == "محمد"]


def test_a_discarded_dead_letter_is_gone_until_it_is_replayed(furnished):
    (letter,) = get(furnished, "/deadletters")["dead_letters"]
    body = {"ids": [letter["id"]], "reason": "a test number"}

    assert post(furnished, "/deadletters/discard", body) == {"discarded": 1}
    assert get(furnished, "/deadletters")["dead_letters"] == []

    assert post(furnished, "/deadletters/replay", {"ids": [letter["id"]]}) == {"replayed": 1}


@pytest.mark.parametrize("spelling", ["+49 151 12345678", "0151/12345678", "4915112345678"])
def test_a_person_is_found_by_any_spelling_of_the_number(looked_at, spelling):
    person = get(looked_at, "/persons", phone=spelling)

    assert person["name"] == "Anna Müller"
    assert person["fields"]["company"]["from"] == "hs2"
    assert {one["connection"] for one in person["records"]} == {"hs", "hs2", "wa"}
    assert [one["text"] for one in person["timeline"] if one["what"] == "message"] == [
        "Guten Tag, gibt es das iPhone noch? <b>Danke</b>"
    ]
    assert get(looked_at, f"/persons/{person['id']}") == person
    assert get(looked_at, "/persons", id=person["id"]) == person


def test_a_connection_is_paused_and_resumed(furnished):
    assert post(furnished, "/connections/hs/pause") == {"connection": "hs", "state": "paused"}
    (hs,) = [one for one in get(furnished, "/connections")["connections"] if one["name"] == "hs"]
    assert (hs["is_paused"], hs["holds"]) == (True, "somebody paused it")

    assert post(furnished, "/connections/hs/resume") == {"connection": "hs", "state": "resumed"}
    (hs,) = [one for one in get(furnished, "/connections")["connections"] if one["name"] == "hs"]
    assert (hs["is_paused"], hs["holds"]) == (False, "")


def test_a_connection_goes_live_after_its_plan_was_seen(tmp_path):
    with world(tmp_path, mode="observe") as made:
        made.turn()
        made.say(ANNA)
        made.turn()
        assert made.records("hs") == []

        plan = get(made, "/connections/hs/go-live")
        assert (plan["creates"], plan["updates"], plan["messages"]) == (1, 0, 1)
        assert plan["samples"][0]["values"]["firstname"] == "Anna"

        assert post(made, "/connections/hs/go-live")["state"] == "live"
        made.settle()
        assert [one["firstname"] for one in made.records("hs")] == ["Anna"]
        assert made.records("hs2") == []


def test_a_resync_is_rehearsed_then_run_and_listed(furnished):
    furnished.edit("hs", "+4915112345678", city="Köln")
    furnished.clock.advance(2)

    dry = post(furnished, "/connections/hs/resync", {"full": True, "dry_run": True})
    assert (dry["state"], dry["report"]["changed"], dry["run_id"]) == ("dry_run", 1, None)
    (sample,) = dry["samples"]
    assert sample["fields"]["city"] == {"agreed": None, "listed": "Köln"}
    assert get(furnished, "/runs")["runs"] == []

    run = post(furnished, "/connections/hs/resync", {"full": True, "wait_s": 30})
    assert (run["state"], run["report"]["is_complete"]) == ("done", True)
    assert [one["id"] for one in get(furnished, "/runs")["runs"]] == [run["run_id"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/conflicts/999", None, 404, "not_there"),
        ("GET", "/deadletters/999", None, 404, "not_there"),
        ("GET", "/persons/nobody", None, 404, "not_there"),
        ("GET", "/persons?phone=%2B4917000000", None, 404, "not_there"),
        ("GET", "/connections/nobody/go-live", None, 404, "not_there"),
        ("GET", "/nothing", None, 404, "not_there"),
        ("GET", "/persons", None, 422, "invalid"),
        ("GET", "/persons?phone=1&email=a@b.de", None, 422, "invalid"),
        ("GET", "/conflicts?limit=9999", None, 422, "invalid"),
        ("GET", "/conflicts?page=2", None, 422, "invalid"),
        ("POST", "/status", {}, 405, "method_not_allowed"),
        ("POST", "/connections/nobody/pause", {}, 404, "not_there"),
        ("POST", "/connections/nobody/resync", {}, 404, "not_there"),
        ("POST", "/conflicts/999/resolve", {"choice": "ours"}, 404, "not_there"),
        ("POST", "/conflicts/1/resolve", {"choice": "mine"}, 422, "invalid"),
        ("POST", "/conflicts/1/resolve", {"choice": "ours", "extra": 1}, 422, "invalid"),
        ("POST", "/conflicts/1/resolve", "nonsense", 422, "invalid"),
        ("POST", "/deadletters/replay", {}, 422, "invalid"),
        ("POST", "/deadletters/replay", {"ids": [1], "all": True}, 422, "invalid"),
        ("POST", "/deadletters/discard", {"ids": [1], "reason": " "}, 422, "invalid"),
    ],
)
def test_every_error_has_one_shape(looked_at, method, path, body, status, code):
    answer = looked_at.app.test_client().open(
        f"/api/v1{path}", method=method, json=body, headers=AUTH
    )

    assert answer.status_code == status, answer.text
    error = answer.get_json()["error"]
    assert error["code"] == code
    assert set(error) == {"code", "message", "remedy"}
    assert error["message"]
    assert error["remedy"]


def test_a_body_that_is_no_json_is_told_apart(looked_at):
    client = looked_at.app.test_client()
    path = "/api/v1/deadletters/replay"

    answer = client.post(path, data=b"{", content_type="application/json", headers=AUTH)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_request")

    huge = client.post(path, json={"ids": list(range(9_000))}, headers=AUTH)
    assert (huge.status_code, huge.get_json()["error"]["code"]) == (413, "too_large")


def test_a_value_that_does_not_fit_its_field_is_refused(tmp_path):
    with world(tmp_path) as made:
        for crm, mail in (("hs", "a@example.com"), ("hs2", "b@example.com")):
            person = {"firstname": "Bea", "phone": "+493012345678", "email": mail}
            made.control(crm, "POST", "contacts", {"properties": person})
        made.turn()
        (found,) = get(made, "/conflicts", initial="true")["conflicts"]

        path = f"/conflicts/{found['id']}/resolve"
        refused = post(made, path, {"choice": "value", "value": "not an address"}, 422)
        decided = post(made, path, {"choice": "value", "value": " C@Example.com "})

    assert "E-mail" in refused["error"]["message"]
    assert decided["resolution"].lower() == "c@example.com"


def test_a_crm_that_does_not_answer_is_told_as_such(tmp_path):
    with world(tmp_path) as made:
        made.turn()
        made.control("hs", "POST", "faults", {"spec": "500"})

        answer = post(made, "/connections/hs/resync", {"dry_run": True}, 502)

    assert answer["error"]["code"] == "remote_error"


def test_a_database_that_is_busy_is_told_as_such(tmp_path):
    with world(tmp_path) as made:
        made.service.close()

        answer = post(made, "/connections/hs/pause", status=503)

    assert answer["error"]["code"] == "busy"


def test_the_description_names_every_call_and_its_schemas(looked_at):
    spec = looked_at.app.test_client().get("/api/openapi.json").get_json()

    served = {
        rule.rule.replace("<name>", "{name}")
        .replace("<person_id>", "{person_id}")
        .replace("<int:conflict_id>", "{conflict_id}")
        .replace("<int:entry_id>", "{entry_id}")
        for rule in looked_at.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
    }
    assert set(spec["paths"]) == served
    assert spec["security"] == [{"token": []}]
    for path in spec["paths"].values():
        for method, call in path.items():
            if method != "parameters":
                assert call["summary"]
                assert "schema" in json.dumps(call["responses"]["200"])
                assert call["responses"]["default"]
    assert "error" in spec["components"]["schemas"]["Error"]["properties"]


def test_the_description_is_shown_as_a_page_without_scripts_from_elsewhere(looked_at):
    page = looked_at.app.test_client().get("/api/docs")

    assert page.status_code == 200
    assert "/api/v1/conflicts/{conflict_id}/resolve" in page.text
    assert "//" not in page.text.replace("https://sync.example.com", "").split("<main")[0]


def test_the_service_is_ready_once_it_is_prepared_and_somebody_works(tmp_path):
    with world(tmp_path) as made:
        client = made.app.test_client()
        assert client.get("/healthz").get_json() == {"status": "ok"}
        cold = client.get("/readyz")
        assert cold.status_code == 503
        assert cold.get_json()["missing"] == [
            "no worker is alive",
            "hs was not prepared yet",
            "hs2 was not prepared yet",
        ]

        made.turn()
        made.beat()

        assert client.get("/readyz").get_json() == {"status": "ready", "missing": []}


def test_decisions_by_the_api_are_in_the_journal(furnished):
    person = get(furnished, "/persons", phone="+4915112345678")
    (conflict,) = person["conflicts"]

    post(furnished, f"/conflicts/{conflict['id']}/resolve", {"choice": "ours"})

    after = get(furnished, f"/persons/{person['id']}")
    assert after["conflicts"] == []
    assert after["timeline"][-1]["text"] == "api decided company"


def test_the_document_names_every_call(looked_at):
    document = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    spec = looked_at.app.test_client().get("/api/openapi.json").get_json()

    calls = {
        f"{method.upper()} {path}"
        for path, item in spec["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert {call for call in calls if f"`{call}`" not in document} == set()
