"""Registering in a minute: what is filled in already, and what may be the same matter."""

import re
from datetime import timedelta

import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts.models import Role
from appeals.models import Appeal, DuplicateHint, Status
from core import clock
from districts.models import DistrictProfile
from enterprises.subjects import subject_key
from liaisons.services.visits import record_visit
from tests import factories
from tests.appeals.lives import INTAKE, SIGNATURE
from tests.liaisons.happenings import coming_and_held

REGISTER = "/appeals/register/"
ALIKE = "/appeals/register/alike/"


def page(answer) -> str:
    return answer.content.decode()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def entered(**changes) -> dict:
    return INTAKE | {"token": "r" * 32, "channel": "window", "outcome": "register"} | changes


def chosen_channel(answer) -> str:
    found = re.search(
        r'<option value="(\w*)" selected', page(answer).split('name="channel"')[1].split("</select>")[0]
    )
    return found[1] if found else ""


# --- Filled in already ----------------------------------------------------------------------------


def test_each_role_begins_with_its_usual_channel(cast):
    for part, channel in (
        ("window", "window"),
        ("cadre", "assignment_visit"),
        ("liaison", ""),
        ("dispatcher", ""),
    ):
        assert chosen_channel(signed_in(getattr(cast, part)).get(REGISTER)) == channel, part


def test_the_only_channel_of_a_role_is_its_usual_one(district):
    rules = DistrictProfile.objects.in_force(district).rules
    only = tuple(channel for channel in rules.channels if channel.code == "letter")
    fewer = rules.model_copy(update={"channels": only})
    assert fewer.usual_channel(Role.LIAISON) == "letter" and fewer.usual_channel(Role.CADRE) == ""
    # Two usual ones are none.
    assert rules.usual_channel(Role.CADRE, Role.WINDOW) == ""


@time_machine.travel("2026-11-19 10:00+08:00")
def test_todays_event_and_visit_are_offered_and_one_click_fills_them_in(cast):
    firm = factories.enterprise(cast.district)
    liaison = cast.township_liaison
    _, held = coming_and_held(liaison, cast.liaison.unit, firm)
    held.starts_at, held.ends_at = clock.now() - timedelta(minutes=5), clock.now() + timedelta(hours=1)
    held.save()
    visit = record_visit(
        by=liaison, reporting_unit=liaison.unit, kind="visit", occurred_at=clock.now(), region=firm.region,
        officials=[factories.official(liaison.unit)], enterprise=firm,
    )  # fmt: skip
    client = signed_in(liaison)
    text = page(client.get(REGISTER))
    assert f"今天的活动：{held.title}" in text and f'href="?event={held.pk}"' in text
    assert f"今天的走访：{firm.name}" in text and f'href="?visit={visit.pk}"' in text
    at_event = client.get(REGISTER, {"event": held.pk})
    assert f"来自活动：{held.title}" in page(at_event) and "今天的活动" not in page(at_event)
    at_visit = client.get(REGISTER, {"visit": visit.pk})
    assert chosen_channel(at_visit) == "assignment_visit" and f'value="{subject_key(firm)}"' in page(at_visit)
    # A window of the same township stands in its unit's event; another unit has nothing to do with it.
    assert held.title in page(signed_in(cast.window).get(REGISTER))
    assert held.title not in page(signed_in(cast.other_liaison).get(REGISTER))
    # The firm that was chosen elsewhere goes along.
    kept = page(client.get(REGISTER, {"subject": subject_key(firm)}))
    assert f"?event={held.pk}&amp;subject={subject_key(firm)}" in kept


# --- Likely duplicates ----------------------------------------------------------------------------


def test_while_typing_the_likely_duplicates_appear(cast):
    earlier = cast.register()
    client = signed_in(cast.window)
    answer = client.post(ALIKE, {"content": INTAKE["content"], "claimed_name": INTAKE["claimed_name"]})
    text = page(answer)
    assert answer.status_code == 200 and "<html" not in text
    assert f'value="{earlier.number}"' in text and "企业名称相同，今天提交，待受理；内容相似 100%" in text
    assert re.search(r'value="none"\s+checked', text)
    kept = page(client.post(ALIKE, {"content": "说起别的事情了", "repeats": earlier.number}))
    assert re.search(rf'value="{earlier.number}"\s+checked', kept)
    assert page(client.post(ALIKE, {})).strip() == ""
    odd = {"content": "\0", "claimed_name": "x" * 5000, "subject": "enterprise-" + "9" * 30, "repeats": "\0"}
    assert client.post(ALIKE, odd).status_code == 200
    # What another unit registered is none of this window's business.
    text = page(signed_in(cast.other_liaison).post(ALIKE, {"content": INTAKE["content"]}))
    assert earlier.number not in text


def test_the_same_matter_is_registered_all_the_same_and_marked(cast):
    earlier = cast.register()
    client = signed_in(cast.window)
    for _ in range(2):
        answer = client.post(REGISTER, entered(repeats=earlier.number))
        assert answer.status_code == 302
    hint = DuplicateHint.objects.get()
    assert Appeal.objects.count() == 2
    assert (hint.main, hint.by, hint.appeal.status) == (earlier, cast.window, Status.SUBMITTED)
    desk = page(signed_in(cast.dispatcher).get("/appeals/desk/?queue=accept"))
    assert "疑似重复" in desk and desk.count(earlier.number) > desk.count(hint.appeal.number)


def test_without_javascript_a_very_likely_duplicate_is_asked_about_once(cast):
    earlier = cast.register()
    client = signed_in(cast.window)
    answer = client.post(REGISTER, entered())
    text = page(answer)
    assert answer.status_code == 422 and Appeal.objects.count() == 1
    assert "还没有登记" in text and earlier.number in text and INTAKE["content"] in text
    assert not re.search(r'name="repeats"[^>]*checked', text)
    token = re.search(r'name="token" value="([^"]+)"', text)[1]
    assert client.post(REGISTER, entered(token=token, repeats="none")).status_code == 302
    # The same form once more leads to the same appeal, and not to the question.
    assert client.post(REGISTER, entered(token=token)).status_code == 302
    assert Appeal.objects.count() == 2 and not DuplicateHint.objects.exists()


def test_what_is_only_alike_is_registered_without_a_question(cast):
    cast.register(content="厂区门口路面破损，大货车进出困难。")
    cast.submit(claimed_name="铜陵另一家有限公司", contact_phone="13900002222")
    assert signed_in(cast.window).post(REGISTER, entered()).status_code == 302
    assert Appeal.objects.count() == 3


def test_what_one_may_not_see_cannot_be_repeated(cast):
    other = cast.submit(claimed_name="铜陵另一家有限公司", contact_phone="13900002222")
    client = signed_in(cast.other_liaison)
    for number in (other.number, "JQ00000000-0000", "x" * 30, "-"):
        answer = client.post(REGISTER, entered(channel="walk_in", repeats=number))
        assert answer.status_code == 422 and "没有找到所选的诉求" in page(answer), number
    assert Appeal.objects.count() == 1


def test_what_was_solved_on_the_spot_repeats_nothing(cast):
    earlier = cast.register()
    solved = entered(
        outcome="solve_on_spot", answer="已办理", basis="", signature=SIGNATURE, repeats=earlier.number
    )
    assert signed_in(cast.window).post(REGISTER, solved).status_code == 302
    assert not DuplicateHint.objects.exists()


def test_the_slip_is_ready_to_print(cast):
    client = signed_in(cast.window)
    slip = page(client.get(client.post(REGISTER, entered())["Location"]))
    assert re.search(r"data-print autofocus", slip) and "再登记一件" in slip


def test_a_look_up_on_its_way_does_not_undo_what_the_form_wrote(cast, monkeypatch):
    """The slip's code is kept in the session; an answer that comes late must not bring the old one back."""
    client = signed_in(cast.window)
    key = client.session.session_key

    def meanwhile(*args, **kwargs) -> list:
        session = SessionStore(key)
        session["slips"] = {"JQ20261119-0001": "r" * 32}
        session.save()
        return []

    monkeypatch.setattr("appeals.views.registration.similar_appeals", meanwhile)
    monkeypatch.setattr("enterprises.selectors.lookup", meanwhile)
    for ask in (
        lambda: client.post(ALIKE, {"content": "x"}),
        lambda: client.get("/enterprises/lookup/?q=dt"),
    ):
        assert ask().status_code == 200
        assert SessionStore(key).get("slips") == {"JQ20261119-0001": "r" * 32}
        session = SessionStore(key)
        del session["slips"]
        session.save()
