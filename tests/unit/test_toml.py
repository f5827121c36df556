"""Every key of a TOML file knows its line."""

import tomllib

import pytest

from syncbridge.errors import ConfigError
from syncbridge.toml import dotted, parse_toml, read_toml

TEXT = '''\
# a comment with [brackets] = "and quotes
title = "a # that is no comment"   # one that is
long = """
[not.a.table]
key = 1
"""
"quoted key" = 'C:\\temp'
when = 2026-01-02 03:04:05.678

[service]
a.b.c = 1
list = [
  "one", # the first
  { name = "two", deep = [1, [2, 3]] },
]

[[rules]]
name = "first"
[rules.then]
tag = "x"

[[rules]]
name = "second"
[rules.then]
tag = "y"
[[rules.then.steps]]
go = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("long",), 3),
        (("quoted key",), 7),
        (("when",), 8),
        (("service",), 10),
        (("service", "a", "b", "c"), 11),
        (("service", "list"), 12),
        (("service", "list", 0), 13),
        (("service", "list", 1, "name"), 14),
        (("service", "list", 1, "deep", 1, 0), 14),
        (("rules", 0), 17),
        (("rules", 0, "then", "tag"), 20),
        (("rules", 1, "name"), 23),
        (("rules", 1, "then", "tag"), 25),
        (("rules", 1, "then", "steps", 0, "go"), 27),
    ],
)
def test_a_key_knows_its_line(path, line):
    assert parse_toml(TEXT, name="x.toml").lines[path] == line


def test_the_index_covers_every_key_of_the_data():
    file = parse_toml(TEXT, name="x.toml")

    assert set(_paths(tomllib.loads(TEXT), ())) <= set(file.lines)


def _paths(value, path):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from _paths(inner, (*path, key))


def test_windows_line_ends_count_once():
    assert parse_toml("a = 1\r\nb = 2\r\n", name="x").lines[("b",)] == 2


def test_an_absent_key_is_placed_at_the_table_around_it():
    file = parse_toml(TEXT, name="x.toml")

    assert file.place(("rules", 1, "then", "missing")) == "x.toml:24 rules[1].then.missing"
    assert file.place(("nowhere", "at all")) == "x.toml nowhere.at all"


def test_a_key_path_is_written_as_people_write_it():
    assert dotted(("rules", 2, "when")) == "rules[2].when"


def test_broken_toml_names_its_line():
    with pytest.raises(ConfigError) as caught:
        parse_toml("a = 1\nb = \n", name="x.toml")

    (problem,) = caught.value.problems
    assert problem.place == "x.toml:2"
    assert problem.what.startswith("is not TOML: ")


def test_an_absent_file_is_a_problem_at_its_path(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read_toml(tmp_path / "gone.toml")

    assert caught.value.problems[0].place == str(tmp_path / "gone.toml")


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes('name = "Müller"'.encode("latin-1"))

    with pytest.raises(ConfigError, match="is not UTF-8 \\(byte 9\\)"):
        read_toml(path)
