"""A low rating is put right within its limit, or was mistaken and counts no more."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns.models import LowRating
from campaigns.satisfaction.reminders import keep_satisfaction
from campaigns.satisfaction.services import low_ratings as services
from districts.models import DistrictProfile, Region
from notifications.models import Notice
from tests import factories as make
from tests.appeals.lives import PNG, Cast
from tests.campaigns.survey_cast import SurveyCast
from tests.liaisons.happenings import at


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel("2026-11-18 10:00+08:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(district: Region) -> SurveyCast:
    return SurveyCast(district)


@pytest.fixture
def case(cast) -> LowRating:
    return cast.rating("unsatisfied", comment="走过场").low


def test_the_unit_has_five_working_days_and_learns_of_it(cast, case):
    assert case.due_at == at("2026-11-25 17:30")
    notice = Notice.objects.get(recipient=cast.liaison, channel="inbox")
    assert "低分评价待答复" in notice.title and "走过场" not in notice.title + notice.body


def test_the_unit_answers_in_time_or_late(cast, case, wednesday):
    with pytest.raises(ValidationError):
        services.answer(by=cast.liaison, case=case, answer="  ")
    for stranger in (cast.other, cast.cadre, cast.dispatcher, cast.supervisor):
        with pytest.raises(PermissionDenied):
            services.answer(by=stranger, case=case, answer="整改了")
    wednesday.move_to("2026-11-26 10:00+08:00")
    done = services.answer(by=cast.liaison, case=case, answer="已重新上门。")
    assert done.late and done.state == "answered" and done.colour_label == "超期答复"
    with pytest.raises(ValidationError):
        services.answer(by=cast.liaison, case=case, answer="再答")


def test_a_mistaken_one_is_ruled_on_by_another_and_counts_no_more(cast, case):
    disputed = services.dispute(by=cast.liaison, case=case, reason="那天没有去", evidence="走访记录在前一周")
    assert disputed.state == "disputed"
    for nobody in (cast.liaison, cast.cadre, cast.leader, cast.supervisor, cast.admin):
        with pytest.raises(PermissionDenied):
            services.rule(by=nobody, case=case, uphold=True, ruling="成立")
    ruled = services.rule(by=cast.dispatcher, case=case, uphold=True, ruling="记录属实")
    assert ruled.state == "upheld"
    from campaigns.models import ServiceRating

    assert not ServiceRating.objects.counting().exists() and ServiceRating.objects.count() == 1
    with pytest.raises(ValidationError):
        services.answer(by=cast.liaison, case=case, answer="答")


def test_what_is_refused_stands_and_can_be_appealed_only_once(cast, case, wednesday):
    services.dispute(by=cast.liaison, case=case, reason="不是我们", evidence="无")
    wednesday.move_to("2026-11-20 10:00+08:00")
    case = services.rule(by=cast.bureau_leader, case=case, uphold=False, ruling="查明属实")
    assert case.state == "open" and case.was_refused
    assert case.due_at == at("2026-11-27 17:30")
    with pytest.raises(ValidationError, match="一次"):
        services.dispute(by=cast.liaison, case=case, reason="还是不是", evidence="无")


def test_no_appeal_after_the_time_to_answer(cast, case, wednesday):
    wednesday.move_to("2026-11-30 10:00+08:00")
    with pytest.raises(ValidationError, match="时限已过"):
        services.dispute(by=cast.liaison, case=case, reason="误评", evidence="无")


def test_the_bureau_does_not_rule_on_itself(cast):
    from campaigns.satisfaction.services.ratings import Judgement, _rate

    rating = _rate(
        district=cast.district,
        kind="cadre",
        given=Judgement("unsatisfied"),
        channel="plaque",
        unit=cast.bureau,
    )
    case = services.dispute(by=cast.dispatcher, case=rating.low, reason="误评", evidence="有")
    with pytest.raises(PermissionDenied):
        services.rule(by=cast.bureau_leader, case=case, uphold=True, ruling="成立")
    assert services.rule(by=cast.supervisor, case=case, uphold=False, ruling="不成立").state == "open"


def test_reminders_come_once(cast, case, wednesday):
    def told(words: str) -> int:
        return Notice.objects.filter(title__contains=words, channel="inbox").count()

    keep_satisfaction(cast.district)
    assert told("将到期") == 0
    wednesday.move_to("2026-11-24 10:00+08:00")
    for _ in range(3):
        keep_satisfaction(cast.district)
    assert told("将到期") == 1
    wednesday.move_to("2026-11-26 10:00+08:00")
    for _ in range(3):
        keep_satisfaction(cast.district)
    assert told("超期未答复") == 2  # the unit, and the bureau
    services.answer(by=cast.liaison, case=case, answer="改了")
    keep_satisfaction(cast.district)
    assert told("超期未答复") == 2


def test_an_appeal_closed_although_the_firm_was_not_satisfied_is_put_right_here(district, wednesday):
    lives = Cast(district)
    appeal = lives.walk(lives.submit(), "second_revisit")
    appeal = lives.do(
        appeal, "rate", satisfaction="unsatisfied", solved="no", comment="人没到岗，13900001111"
    )
    keep_satisfaction(district)
    assert not LowRating.objects.exists()  # as long as it is open, it is the workflow's
    appeal = lives.do(appeal, "uphold")
    lives.do(appeal, "close", by="bureau_leader", explanation="已向企业解释。")
    for _ in range(2):
        keep_satisfaction(district)
    case = LowRating.objects.get()
    assert case.unit == appeal.lead_unit and case.appeal_rating.satisfaction == "unsatisfied"
    assert "139" not in case.words and appeal.number in case.about


def test_pages_offer_what_may_be_done_and_refuse_the_rest(cast, case, client):
    url = f"/campaigns/low-ratings/{case.pk}/"
    client.force_login(cast.liaison)
    page = client.get(url).content.decode()
    assert "提交答复" in page and "提出误评申诉" in page and "走过场" in page
    wrong = client.post(f"{url}answer/", {"answer": ""})
    assert wrong.status_code == 422 and "请写明查明的原因" in wrong.content.decode()
    assert client.post(f"{url}rule/", {"uphold": "yes", "ruling": "x"}).status_code == 403
    assert client.post(f"{url}dispute/", {"reason": "误评", "evidence": "记录"}).status_code == 302
    client.force_login(cast.dispatcher)
    assert "裁定" in client.get("/workbench/").content.decode()
    assert client.post(f"{url}rule/", {"ruling": "x"}).status_code == 422
    assert client.post(f"{url}rule/", {"uphold": "no", "ruling": "查明属实"}).status_code == 302
    for stranger in (cast.other, cast.admin):
        client.force_login(stranger)
        assert client.get(url).status_code == 404
    foreign = Client()
    foreign.force_login(make.user(make.unit(make.another_district(cast.district), "kjj"), "dispatcher"))
    assert foreign.get(url).status_code == 404


def test_the_files_of_an_appeal_are_kept_over_an_error_and_seen_by_whoever_sees_the_case(
    cast, case, client, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    url = f"/campaigns/low-ratings/{case.pk}/"
    client.force_login(cast.liaison)
    page = client.get(url).content.decode()
    assert 'enctype="multipart/form-data"' in page and "证明材料" in page
    bad = SimpleUploadedFile("宏.docx", b"MZ")
    photo = SimpleUploadedFile("走访.png", PNG, "image/png")
    sent = {"reason": "", "evidence": "照片为证", "token": "t1", "attachments": [photo, bad]}
    wrong = client.post(f"{url}dispute/", sent)
    text = wrong.content.decode()
    assert wrong.status_code == 422 and "走访.png" in text and "照片为证" in text and "宏.docx" in text
    sent = {"reason": "那天没有去", "evidence": "照片为证", "token": "t1"}
    assert client.post(f"{url}dispute/", sent).status_code == 302
    kept = case.files.get()
    assert kept.name == "走访.png" and kept.media_type == "image/png" and len(kept.sha256) == 64
    address = f"/campaigns/low-ratings/files/{kept.pk}/"
    for user in (cast.liaison, cast.dispatcher, cast.supervisor, cast.cadre):
        client.force_login(user)
        assert address in client.get(url).content.decode()
        answer = client.get(address)
        assert b"".join(answer.streaming_content) == PNG and answer["X-Content-Type-Options"] == "nosniff"
    for stranger in (cast.other, cast.admin):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
    client.force_login(cast.surveyor)
    assert client.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_who_waits_learns_who_rules(cast, case, client):
    client.force_login(cast.liaison)
    services.dispute(by=cast.liaison, case=case, reason="误评", evidence="有")
    page = client.get(f"/campaigns/low-ratings/{case.pk}/").content.decode()
    assert f"等待{cast.bureau}裁定" in page
    # The clock that runs is the ruling's: three working days, not the five of the answer.
    assert "11-23 17:30</time>" in page and "11-25 17:30" not in page and "从裁定起重新计算" in page
    own = LowRating(district=cast.district, unit=cast.bureau)
    rules = DistrictProfile.objects.in_force(cast.district).rules
    assert services.ruling_unit(own, rules) == cast.supervisor.unit


def test_lists_cost_the_same_for_many(cast, client, django_assert_max_num_queries):
    for _ in range(3):
        cast.rating("unsatisfied")
    client.force_login(cast.dispatcher)
    with django_assert_max_num_queries(14):
        assert client.get("/campaigns/low-ratings/?state=open").status_code == 200
    assert client.get("/campaigns/low-ratings/?state=%00&unit=x&page=x").status_code == 200
