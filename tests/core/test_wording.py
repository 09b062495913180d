"""Our own text in the district's words; what people wrote stays as they wrote it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.template import engines

from accounts.models import Role
from core.wording import speak, speaking
from districts.models import DistrictProfile
from districts.profile import Rules
from districts.schema import ProfileError, validated
from tests import factories

OWN = {"联企干部": "包联干部", "包保联系": "包联", "包保": "包联", "牵头局": "区营商办"}


def test_terms_are_spoken_the_districts_way():
    with speaking(lambda: OWN):
        assert (
            speak("由牵头局安排联企干部，见包保联系、包保名单。")
            == "由区营商办安排包联干部，见包联、包联名单。"
        )
    assert speak("联企干部") == "联企干部"


def test_a_word_does_not_say_again_what_stands_before_it():
    with speaking(lambda: {"底册": "企业信息库"}):
        assert (
            speak("导入企业底册，与底册一致；重点项目底册")
            == "导入企业信息库，与企业信息库一致；重点项目企业信息库"
        )


def test_the_words_are_asked_for_only_where_a_term_is_met():
    def never():
        raise AssertionError

    with speaking(never):
        assert speak("企业诉求") == "企业诉求"


def test_a_templates_own_text_is_spoken_and_a_value_is_not():
    template = engines["django"].get_template("403.html")
    with speaking(lambda: OWN):
        assert "由区营商办查看" in template.render({"message": "由牵头局查看"})
    page = engines["django"].get_template("liaisons/coverage.html")
    texts = [
        node
        for node in page.template.nodelist.get_nodes_by_type(object)
        if type(node).__name__ == "SpokenText"
    ]
    assert texts
    with speaking(lambda: OWN):
        assert not [node for node in texts if "包保" in node.render(None)]


@pytest.mark.django_db
def test_an_unknown_word_is_refused(district):
    data = DistrictProfile.objects.in_force(district).data | {"words": {"企业": "公司"}}
    with pytest.raises(ProfileError, match="“企业”不是可以换的用语"):
        validated(Rules, data, "profile")


@pytest.mark.django_db
def test_each_district_reads_its_own_words(client, district, yeji):
    texts = {}
    for place, code in ((district, "kjj"), (yeji, "ysb")):
        user = factories.user(factories.unit(place, code), Role.DISPATCHER)
        client.force_login(user)
        texts[place] = client.get("/liaisons/").content.decode()
    assert "包保名单" in texts[district] and "包联名单" not in texts[district]
    assert "包联名单" in texts[yeji] and "包保" not in texts[yeji].replace("警企包保", "")
    public = client.get("/341504/").content.decode()
    assert "区营商办再独立回访" in public


@pytest.mark.django_db
def test_a_code_in_a_staff_address_is_no_district(client, yeji):
    """/liaisons/kinds/police/ has a code too: that of the kind."""
    client.force_login(factories.user(factories.unit(yeji, "ysb"), Role.DISPATCHER))
    page = client.get("/liaisons/kinds/police/").content.decode()
    assert "包联干部" in page and "联企干部" not in page
    assert "包保" not in page.replace("警企包保", "")


def test_nothing_is_spoken_while_the_program_is_put_together():
    """A first request imports all views: whose words it hears must not be kept in them for everybody."""
    script = """
import django; django.setup()
from core.wording import speaking
asked = []
with speaking(lambda: asked.append(1) or {}):
    import config.urls
    from django.urls import get_resolver
    get_resolver().reverse_dict
assert asked == [], f"{len(asked)} texts were spoken"
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    made = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-800:]
