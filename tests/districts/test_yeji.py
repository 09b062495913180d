"""Data of the second plan (叶集) that is here already: the topics of its talks and the themes of its visits."""

import re
import tomllib
from pathlib import Path

import pytest

from districts.profile import EventTopic, Theme
from districts.schema import validated

FOLDER = Path(__file__).resolve().parents[2] / "profiles" / "341504"


def entries(name: str, table: str, key: str) -> list[dict]:
    content = tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert set(content) == {table} and set(content[table]) == {key}
    return content[table][key]


def test_every_month_has_the_topic_of_its_talk():
    topics = [validated(EventTopic, entry) for entry in entries("events.toml", "events", "topics")]
    assert [topic.month for topic in topics] == list(range(1, 13))
    assert {topic.kind for topic in topics} == {"talk"}
    assert all(topic.text and topic.units[0] == "区营商办" for topic in topics)
    assert "亩均论英雄" in topics[8].text and "农业企业" in topics[10].text


def test_every_month_has_the_theme_of_its_visits():
    themes = [validated(Theme, entry) for entry in entries("visits.toml", "visits", "themes")]
    assert [theme.month for theme in themes] == list(range(1, 13))
    assert all(theme.text and f"{theme.month}月份" in theme.title for theme in themes)
    assert "金融助企" in themes[2].text and "安全生产" in themes[7].text


@pytest.mark.parametrize("name", ["events.toml", "visits.toml"])
def test_no_blank_of_the_scan_and_no_name_of_a_leader_is_left(name):
    content = tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
    (table,) = content.values()
    texts = [str(value) for entry in next(iter(table.values())) for value in entry.values()]
    assert not [text for text in texts if re.search(r"\s", text.replace("', '", ""))]
    assert "同志" not in "".join(texts) and "领导" not in "".join(texts)
