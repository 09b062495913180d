"""Where visitors arrive."""

import re

from districts.models import DistrictProfile
from tests import factories


def page(answer) -> str:
    return answer.content.decode()


def test_a_portal_without_a_district_says_what_to_do(client, db):
    answer = client.get("/")
    assert answer.status_code == 200 and "还没有区县上线" in page(answer)


def test_the_only_district_is_opened_at_once_and_several_are_offered(client, district):
    assert client.get("/")["Location"] == "/340711/"
    factories.another_district(district)
    answer = page(client.get("/"))
    assert "/340711/" in answer and "/340705/" in answer and "铜官区" in answer


def test_the_home_page_leads_everywhere_a_firm_may_want_to_go(client, district):
    answer = client.get("/340711/")
    rules = DistrictProfile.objects.in_force(district).rules
    for part in ("/340711/submit/", "/340711/track/", "/340711/letter/", rules.promise, "二次回访",
                 rules.hotlines[0].number, rules.policy_channels[0].title):  # fmt: skip
        assert part in page(answer), part
    for address in set(re.findall(r'href="(/[^"#]*)"', page(answer))):
        if not address.startswith("/static/"):
            assert client.get(address, follow=True).status_code == 200, address


def test_the_letter_is_shown_word_for_word(client, district):
    rules = DistrictProfile.objects.in_force(district).rules
    answer = page(client.get("/340711/letter/"))
    for words in (rules.letter.title, *rules.letter.paragraphs, rules.letter.date):
        assert words in answer


def test_errors_are_told_in_chinese(client, district):
    answer = client.get("/340711/nonsense/")
    assert answer.status_code == 404 and "没有找到这个页面" in page(answer)


def test_pages_carry_the_headers_that_keep_strangers_out(client, district):
    answer = client.get("/340711/submit/")
    policy = answer["Content-Security-Policy"]
    assert (
        "unsafe-inline" not in policy
        and "default-src 'self'" in policy
        and "frame-ancestors 'none'" in policy
    )
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Referrer-Policy"] == "same-origin"
    assert "<script>" not in page(answer) and not re.search(r'\son\w+="', page(answer))
