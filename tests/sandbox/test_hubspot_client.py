"""HubSpot's own Python client, pointed at the imitation, finds what it expects."""

from collections.abc import Iterator
from types import SimpleNamespace as Spec

import pytest
from hubspot import HubSpot
from hubspot.crm import associations, contacts, properties
from hubspot.crm.objects import communications

from tests.sandbox.hubspot_world import EXTERNAL_ID, World, hubspot


@pytest.fixture
def world() -> Iterator[World]:
    with hubspot() as world:
        yield world


@pytest.fixture
def client(world: World) -> HubSpot:
    return HubSpot(access_token="sandbox", host=world.url)


def create(client: HubSpot, **values: str) -> contacts.SimplePublicObject:
    posted = contacts.SimplePublicObjectInputForCreate(properties=values, associations=[])
    return client.crm.contacts.basic_api.create(posted)


def create_external_id(client: HubSpot) -> properties.ModelProperty:
    return client.crm.properties.core_api.create(
        "contacts",
        properties.PropertyCreate(
            name=EXTERNAL_ID["name"],
            label="External id",
            type="string",
            field_type="text",
            group_name="contactinformation",
            has_unique_value=True,
        ),
    )


def test_a_contact_is_created_read_updated_and_archived(client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    made = create(client, email="Ada@Example.com", firstname="Ada", phone="+49 170 1")
    assert made.properties["email"] == "ada@example.com"
    changed = api.update(
        made.id, contacts.SimplePublicObjectInput(properties={"lastname": "L", "phone": ""})
    )
    assert changed.properties["lastname"] == "L"
    read = api.get_by_id(made.id, properties=["lastname", "phone", "city"])
    assert read.properties == {"lastname": "L", "phone": None, "city": None}
    assert api.get_by_id("ada@example.com", id_property="email").id == made.id
    api.archive(made.id)
    with pytest.raises(contacts.ApiException) as gone:
        api.get_by_id(made.id)
    assert gone.value.status == 404
    assert api.get_by_id(made.id, archived=True).archived_at is not None


def test_pages_follow_each_other_to_the_end(client: HubSpot) -> None:
    made = [create(client, firstname=f"n{number}").id for number in range(7)]
    client.crm.contacts.basic_api.archive(made[3])
    api = client.crm.contacts.basic_api
    seen, after = [], None
    while True:
        page = api.get_page(limit=3, **({"after": after} if after else {}))
        seen += [record.id for record in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert seen == [*made[:3], *made[4:]]
    archived = client.crm.contacts.get_all(archived=True)
    assert [record.id for record in archived] == [made[3]]


def test_history_comes_newest_first_with_its_source(client: HubSpot, world: World) -> None:
    made = create(client, firstname="Ada", phone="1")
    world.sandbox.clock.advance(60)
    world.control("PATCH", f"contacts/{made.id}", {"properties": {"phone": "2"}})
    read = client.crm.contacts.basic_api.get_by_id(made.id, properties_with_history=["phone"])
    newest, oldest = read.properties_with_history["phone"]
    assert (newest.value, newest.source_type, newest.updated_by_user_id) == ("2", "CRM_UI", 987654)
    assert (oldest.value, oldest.source_type, oldest.source_id) == ("1", "INTEGRATION", "2000001")
    assert (newest.timestamp - oldest.timestamp).total_seconds() == 60


def test_a_search_finds_by_filter_and_sorts(client: HubSpot) -> None:
    for name in ("Bob", "Cyd", "Ada"):
        create(client, firstname=name, city="Bonn")
    found = client.crm.contacts.search_api.do_search(
        contacts.PublicObjectSearchRequest(
            filter_groups=[
                {"filters": [{"propertyName": "city", "operator": "EQ", "value": "bonn"}]}
            ],
            sorts=[{"propertyName": "firstname", "direction": "DESCENDING"}],
            properties=["firstname"],
            limit=2,
        )
    )
    assert found.total == 3
    assert [record.properties["firstname"] for record in found.results] == ["Cyd", "Bob"]
    assert found.paging.next.after == "2"


def test_batches_create_read_update_upsert_and_archive(client: HubSpot) -> None:
    api = client.crm.contacts.batch_api
    create_external_id(client)

    def upsert(*names: str) -> dict[str, tuple[str, bool]]:
        inputs = [
            {
                "idProperty": EXTERNAL_ID["name"],
                "id": name,
                "objectWriteTraceId": name,
                "properties": {"firstname": name},
            }
            for name in names
        ]
        answer = api.upsert(contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
        return {row.object_write_trace_id: (row.id, row.new) for row in answer.results}

    first = upsert("a", "b")
    second = upsert("b", "c")
    assert (first["b"][0], first["b"][1]) == (second["b"][0], True)
    assert (second["b"][1], second["c"][1]) == (False, True)
    ids = [first["a"][0], first["b"][0]]
    api.update(
        contacts.BatchInputSimplePublicObjectBatchInput(
            inputs=[{"id": record_id, "properties": {"city": "Bonn"}} for record_id in ids]
        )
    )
    asked = contacts.BatchReadInputSimplePublicObjectId(
        properties=["city"], properties_with_history=[], inputs=[{"id": each} for each in ids]
    )
    read = api.read(asked)
    assert {row.id: row.properties["city"] for row in read.results} == dict.fromkeys(ids, "Bonn")
    api.archive(contacts.BatchInputSimplePublicObjectId(inputs=[{"id": each} for each in ids]))
    missing = api.read(asked)
    assert missing.num_errors == 1
    assert sorted(missing.errors[0].context["ids"]) == sorted(ids)


def test_a_traced_batch_is_created_in_part(client: HubSpot) -> None:
    rows = [
        Spec(trace="good", properties={"firstname": "Ada"}),
        Spec(trace="bad", properties={"firstname": "Bob", "shoe_size": "42"}),
    ]
    answer = client.crm.contacts.batch_api.create(
        contacts.BatchInputSimplePublicObjectBatchInputForCreate(
            inputs=[{"properties": row.properties, "objectWriteTraceId": row.trace} for row in rows]
        )
    )
    assert [row.object_write_trace_id for row in answer.results] == ["good"]
    assert answer.num_errors == 1
    assert answer.errors[0].context["objectWriteTraceId"] == ["bad"]
    assert answer.errors[0].errors[0].code == "PROPERTY_DOESNT_EXIST"


def test_a_message_is_associated_and_found_from_both_ends(client: HubSpot) -> None:
    contact = create(client, firstname="Ada")
    message = client.crm.objects.communications.basic_api.create(
        communications.SimplePublicObjectInputForCreate(
            properties={
                "hs_communication_channel_type": "WHATS_APP",
                "hs_communication_logged_from": "CRM",
                "hs_timestamp": "1777630000000",
                "hs_communication_body": "Hello",
            },
            associations=[],
        )
    )
    link = client.crm.associations.v4.basic_api.create_default(
        "communications", message.id, "contacts", contact.id
    )
    assert {row.association_spec.association_type_id for row in link.results} == {81, 82}
    ends = client.crm.associations.v4.batch_api.get_page(
        "contacts",
        "communications",
        associations.v4.BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": contact.id}]),
    )
    assert [end.to_object_id for end in ends.results[0].to] == [message.id]
    read = client.crm.contacts.basic_api.get_by_id(contact.id, associations=["communications"])
    linked = read.associations["communications"].results[0]
    assert (linked.id, linked.type) == (message.id, "contact_to_communication")


def test_properties_are_listed_created_and_not_created_twice(client: HubSpot) -> None:
    api = client.crm.properties.core_api
    hubspots = api.get_all("contacts").results
    assert all(entry.hubspot_defined for entry in hubspots)
    made = create_external_id(client)
    assert made.has_unique_value
    assert api.get_by_name("contacts", made.name).modification_metadata.archivable
    with pytest.raises(properties.ApiException) as refused:
        create_external_id(client)
    assert refused.value.status == 409
    assert len(api.get_all("contacts").results) == len(hubspots) + 1


def test_a_merge_gives_a_new_id_to_which_the_old_ones_lead(client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    one = create(client, email="one@example.com", firstname="Ada")
    two = create(client, email="two@example.com", phone="+49170", firstname="A.")
    merged = api.merge(
        contacts.PublicMergeInput(primary_object_id=one.id, object_id_to_merge=two.id)
    )
    assert merged.id not in {one.id, two.id}
    read = api.get_by_id(two.id, properties=["firstname", "phone", "email", "hs_additional_emails"])
    assert read.id == merged.id
    assert read.properties == {
        "firstname": "Ada",
        "phone": "+49170",
        "email": "one@example.com",
        "hs_additional_emails": "two@example.com",
    }


def test_a_contact_is_erased_for_privacy(client: HubSpot) -> None:
    made = create(client, email="ada@example.com")
    client.crm.contacts.basic_api.purge(
        contacts.PublicGdprDeleteInput(object_id="ada@example.com", id_property="email")
    )
    for archived in (False, True):
        with pytest.raises(contacts.ApiException) as gone:
            client.crm.contacts.basic_api.get_by_id(made.id, archived=archived)
        assert gone.value.status == 404
