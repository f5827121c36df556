"""The object types that the imitation has, with the properties HubSpot gives them."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.hubspot.sandbox.problems import invalid
from connectors.hubspot.sandbox.properties import ObjectType, Property


def _text(group: str, **labels: str) -> tuple[Property, ...]:
    return tuple(Property(name, label, group=group) for name, label in labels.items())


def _choice(name: str, label: str, group: str, *values: str, read_only: bool = False) -> Property:
    options = tuple((value, value.replace("_", " ").capitalize()) for value in values)
    return Property(name, label, "enumeration", "select", group, "", options, read_only=read_only)


def _moment(name: str, label: str, group: str, *, read_only: bool = True) -> Property:
    return Property(name, label, "datetime", "date", group, read_only=read_only)


def _managed(group: str, **labels: str) -> tuple[Property, ...]:
    return tuple(
        Property(name, label, group=group, read_only=True) for name, label in labels.items()
    )


def _owner(group: str) -> Property:
    return Property("hubspot_owner_id", "Owner", "enumeration", "select", group, references="OWNER")


def _object_id(group: str) -> Property:
    return Property("hs_object_id", "Record ID", "number", "number", group, read_only=True)


LIFECYCLE_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)

_CONTACT = "contactinformation"
_SOURCES = ("ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", "SOCIAL_MEDIA", "OFFLINE")

CONTACTS = ObjectType(
    name="contacts",
    type_id="0-1",
    singular="contact",
    created_property="createdate",
    modified_property="lastmodifieddate",
    shown_by_default=(
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    ),
    required_any=("email", "firstname", "lastname"),
    searched=("firstname", "lastname", "email", "phone", "mobilephone", "company"),
    webhook_name="contact",
    mergeable=True,
    properties=(
        Property("email", "Email", group=_CONTACT, unique=True),
        *_text(
            _CONTACT,
            firstname="First name",
            lastname="Last name",
            salutation="Salutation",
            company="Company name",
            jobtitle="Job title",
            website="Website URL",
            address="Street address",
            city="City",
            state="State/Region",
            zip="Postal code",
            country="Country/Region",
            date_of_birth="Date of birth",
            hs_whatsapp_bsuids="WhatsApp business-scoped user ids",
        ),
        Property("message", "Message", "string", "textarea", _CONTACT),
        *(
            Property(name, label, "string", "phonenumber", _CONTACT)
            for name, label in (
                ("phone", "Phone number"),
                ("mobilephone", "Mobile phone number"),
                ("fax", "Fax number"),
                ("hs_whatsapp_phone_number", "WhatsApp phone number"),
            )
        ),
        Property("annualrevenue", "Annual revenue", "number", "number", _CONTACT),
        _choice("lifecyclestage", "Lifecycle stage", _CONTACT, *LIFECYCLE_STAGES),
        _choice(
            "hs_lead_status",
            "Lead status",
            _CONTACT,
            "NEW",
            "OPEN",
            "IN_PROGRESS",
            "OPEN_DEAL",
            "UNQUALIFIED",
            "ATTEMPTED_TO_CONTACT",
            "CONNECTED",
            "BAD_TIMING",
        ),
        _choice("hs_language", "Preferred language", _CONTACT, "de", "en", "es", "fr", "pt", "zh"),
        _owner(_CONTACT),
        _object_id(_CONTACT),
        _moment("createdate", "Create date", _CONTACT),
        _moment("lastmodifieddate", "Last modified date", _CONTACT),
        *_managed(
            _CONTACT,
            hs_additional_emails="Additional emails",
            hs_merged_object_ids="Merged record ids",
            hs_calculated_merged_vids="Merged vids with times",
            hs_searchable_calculated_phone_number="Searchable phone number",
            hs_searchable_calculated_mobile_number="Searchable mobile number",
            hs_object_source="Record source",
            hs_object_source_label="Record source label",
            hs_analytics_source_data_1="Source detail 1",
            hs_analytics_source_data_2="Source detail 2",
        ),
        _choice("hs_analytics_source", "Original source", _CONTACT, *_SOURCES, read_only=True),
        _choice("hs_latest_source", "Latest source", _CONTACT, *_SOURCES, read_only=True),
        Property(
            "hs_email_optout",
            "Opted out of email",
            "bool",
            "booleancheckbox",
            _CONTACT,
            read_only=True,
        ),
    ),
)

_COMPANY = "companyinformation"

COMPANIES = ObjectType(
    name="companies",
    type_id="0-2",
    singular="company",
    created_property="createdate",
    shown_by_default=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    required_any=("name", "domain"),
    searched=("name", "domain", "phone", "website"),
    webhook_name="company",
    mergeable=True,
    properties=(
        *_text(
            _COMPANY,
            name="Company name",
            domain="Company domain name",
            website="Website URL",
            address="Street address",
            city="City",
            state="State/Region",
            zip="Postal code",
            country="Country/Region",
            description="Description",
        ),
        Property("phone", "Phone number", "string", "phonenumber", _COMPANY),
        Property("numberofemployees", "Number of employees", "number", "number", _COMPANY),
        _owner(_COMPANY),
        _object_id(_COMPANY),
        _moment("createdate", "Create date", _COMPANY),
        _moment("hs_lastmodifieddate", "Last modified date", _COMPANY),
        *_managed(_COMPANY, hs_merged_object_ids="Merged record ids"),
    ),
)

_COMMUNICATION = "communication"

COMMUNICATIONS = ObjectType(
    name="communications",
    type_id="0-18",
    singular="communication",
    shown_by_default=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    required=(
        "hs_communication_channel_type",
        "hs_communication_logged_from",
        "hs_timestamp",
        "hs_communication_body",
    ),
    searched=("hs_communication_body",),
    properties=(
        _choice(
            "hs_communication_channel_type",
            "Channel type",
            _COMMUNICATION,
            "WHATS_APP",
            "SMS",
            "LINKEDIN_MESSAGE",
        ),
        _choice("hs_communication_logged_from", "Logged from", _COMMUNICATION, "CRM"),
        Property("hs_communication_body", "Communication body", "string", "html", _COMMUNICATION),
        _moment("hs_timestamp", "Activity date", _COMMUNICATION, read_only=False),
        _owner(_COMMUNICATION),
        _object_id(_COMMUNICATION),
        _moment("hs_createdate", "Create date", _COMMUNICATION),
        _moment("hs_lastmodifieddate", "Last modified date", _COMMUNICATION),
        *_managed(_COMMUNICATION, hs_body_preview="Body preview"),
    ),
)

_NOTE = "note"

NOTES = ObjectType(
    name="notes",
    type_id="0-46",
    singular="note",
    shown_by_default=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    required=("hs_timestamp",),
    searched=("hs_note_body",),
    properties=(
        Property("hs_note_body", "Note body", "string", "html", _NOTE),
        _moment("hs_timestamp", "Activity date", _NOTE, read_only=False),
        *_text(_NOTE, hs_attachment_ids="Attached file ids"),
        _owner(_NOTE),
        _object_id(_NOTE),
        _moment("hs_createdate", "Create date", _NOTE),
        _moment("hs_lastmodifieddate", "Last modified date", _NOTE),
        *_managed(_NOTE, hs_body_preview="Body preview"),
    ),
)

OBJECT_TYPES = (CONTACTS, COMPANIES, COMMUNICATIONS, NOTES)

_BY_SPELLING: Mapping[str, ObjectType] = {
    spelling: object_type
    for object_type in OBJECT_TYPES
    for spelling in (object_type.name, object_type.singular, object_type.type_id)
}


def object_type_of(spelling: str) -> ObjectType:
    """The object type that a path means by its plural, singular or type id.

    Raises:
        ApiProblem: 400, the imitation has no such type.
    """
    if spelling not in _BY_SPELLING:
        raise invalid(f"Unable to infer object type from: {spelling}")
    return _BY_SPELLING[spelling]
