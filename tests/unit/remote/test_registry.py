"""Connectors by name."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from syncbridge.errors import ConfigError
from syncbridge.remote.registry import GROUP, connector_class

FOUND = [
    EntryPoint("hubspot", "connectors.hubspot.connector:HubSpot", GROUP),
    EntryPoint("missing", "connectors.hubspot.nothing:Nothing", GROUP),
    EntryPoint("unnamed", "connectors.hubspot.connector:Nothing", GROUP),
    EntryPoint("other", "collections:OrderedDict", GROUP),
]


def test_a_registered_name_is_its_class():
    assert connector_class("hubspot", FOUND).name == "hubspot"


def test_a_typo_is_answered_with_what_was_meant():
    with pytest.raises(ConfigError, match="did you mean hubspot"):
        connector_class("hubspto", FOUND)


def test_a_stranger_is_answered_with_all_there_are():
    with pytest.raises(ConfigError, match="there are: hubspot, missing"):
        connector_class("zzz", FOUND)


@pytest.mark.parametrize("name", ["missing", "unnamed"])
def test_code_that_cannot_be_loaded_is_told(name):
    with pytest.raises(ConfigError, match="cannot be loaded"):
        connector_class(name, FOUND)


def test_what_is_no_connector_is_told():
    with pytest.raises(ConfigError, match="is not a connector"):
        connector_class("other", FOUND)
