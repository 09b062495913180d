"""What an enterprise sees without an account: reporting, the slip, following, judging."""

import re
import zipfile
from io import BytesIO

import pytest
import requests
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from appeals.models import Appeal, Attachment, Status
from appeals.views import public
from core.models import HeldUpload
from tests import factories
from tests.appeals.lives import Cast

SUBMIT = "/340711/submit/"
TRACK = "/340711/track/"
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 20
XSS = "<script>alert('x')</script>"


def typed(**changes) -> dict:
    return {
        "token": "t" * 32,
        "channel": "portal",
        "category": "labour",
        "content": "一线操作工缺口约20人，希望帮助对接招聘。",
        "claimed_name": "铜陵示例机械有限公司",
        "claimed_code": "",
        "region": "",
        "contact_name": "赵敏",
        "contact_phone": "13900001111",
        "website": "",
    } | changes


def page(answer) -> str:
    return answer.content.decode()


def photo(name: str = "现场.jpg", content: bytes = JPEG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def office(*names: str) -> bytes:
    package = BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return package.getvalue()


def code_on(answer) -> str:
    """The secret code a slip shows, as printed."""
    return re.search(r'id="slip-secret">([^<]+)<', page(answer))[1]


def submitted(client, **changes) -> tuple[Appeal, str]:
    """The appeal and its code, reported by this browser."""
    answer = client.post(SUBMIT, typed(**changes), follow=True)
    assert answer.status_code == 200
    return Appeal.objects.get(number=answer.context["appeal"].number), code_on(answer)


def path_of(appeal: Appeal) -> str:
    return f"{TRACK}{appeal.number}/"


def act(client, appeal: Appeal, transition: str, **data):
    """Send one of the forms of the firm's page, as that page was drawn just now."""
    seen = Appeal.objects.get(pk=appeal.pk).version
    return client.post(
        f"{path_of(appeal)}{transition}/", {"seen": seen, "token": f"{transition}-{seen}"} | data
    )


# --- Reporting ------------------------------------------------------------------------------------


def test_a_firm_reports_an_appeal_and_gets_a_slip(client, district):
    form = client.get(SUBMIT)
    assert form.status_code == 200
    token = re.search(r'name="token" value="([^"]{20,})"', page(form))[1]
    answer = client.post(SUBMIT, typed(token=token))
    appeal = Appeal.objects.get()
    assert (appeal.status, appeal.district, appeal.channel) == (Status.SUBMITTED, district, "portal")
    assert appeal.collecting_unit.code == "kjj"
    assert answer.status_code == 302 and answer["Location"] == f"/340711/slip/{appeal.number}/"
    slip = client.get(answer["Location"])
    assert appeal.number in page(slip) and "<svg" in page(slip)
    assert re.fullmatch(r"[2-9A-Y]{4}-[2-9A-Y]{4}", code_on(slip))
    assert "no-store" in slip["Cache-Control"]


def test_the_secret_code_is_in_no_address_and_nowhere_in_the_database(client, district):
    answer = client.post(SUBMIT, typed(), follow=True)
    shown = code_on(answer)
    plain = shown.replace("-", "")
    assert all(plain not in url and shown not in url for url, _ in answer.redirect_chain)
    assert not re.search(f'(href|action|src)="[^"]*({plain}|{shown})', page(answer))
    for model in apps.get_models():
        for row in model.objects.values_list():
            assert plain not in str(row) and shown not in str(row), model
    for session in Session.objects.all():
        assert plain not in str(session.get_decoded()) and shown not in str(session.get_decoded())


def test_the_channel_in_the_address_is_kept(client, district):
    form = client.get(SUBMIT, {"channel": "plaque"})
    assert '<input type="hidden" name="channel" value="plaque"' in page(form)
    assert submitted(client, channel="plaque")[0].channel == "plaque"


@pytest.mark.parametrize("channel", ["nonsense", "hotline", ""])
def test_an_address_with_a_channel_that_is_not_the_firms_leads_to_the_portals_own(client, district, channel):
    """The field is hidden: the firm could not put right what a misprinted plaque says."""
    assert submitted(client, channel=channel)[0].channel == "portal"


def test_a_robot_that_fills_in_the_hidden_trap_is_not_heard(client, district):
    answer = client.post(SUBMIT, typed(website="https://example.com"))
    assert answer.status_code == 302 and answer["Location"] == TRACK
    assert not Appeal.objects.exists()


def test_an_empty_form_names_every_missing_field_and_leads_to_it(client, district):
    answer = client.post(SUBMIT, {})
    assert answer.status_code == 422 and not Appeal.objects.exists()
    for field in ("category", "content", "claimed_name", "contact_name", "contact_phone"):
        assert f'href="#id_{field}"' in page(answer) and f'id="id_{field}_error"' in page(answer), field
    assert "data-error-summary" in page(answer)


def test_bad_input_is_refused_in_chinese_beside_its_field_and_what_was_typed_stays(client, district):
    good = factories.credit_code(5)
    wrong_check = good[:-1] + ("0" if good[-1] != "0" else "1")
    for field, value, words in (
        ("claimed_code", wrong_check, "校验"),
        ("claimed_code", good[:-1], "18"),
        ("claimed_code", "9134071I" + good[8:], "统一社会信用代码"),
        ("contact_phone", "12345678", "电话号码不正确"),
        ("contact_phone", "打我手机", "电话号码不正确"),
        ("contact_name", "赵" * 51, "50"),
        ("claimed_name", "铜" * 121, "120"),
        ("content", "难", "至少5个字"),
        ("content", "难" * 3001, "3000"),
        ("category", "nonsense", "可用的选项"),
        ("region", "999999", "可用的选项"),
        ("region", "x", "可用的选项"),
        ("content", "货车\0进不了厂区门口", "空"),
        ("contact_name", "赵\0敏", "空"),
        ("contact_phone", "1390000\x001111", "空"),
        ("claimed_code", good + "\0", "空"),
    ):
        answer = client.post(SUBMIT, typed(**{field: value}))
        text = page(answer)
        assert answer.status_code == 422, (field, value[:20])
        error = re.search(rf'id="id_{field}_error">(.*?)</div>', text, re.DOTALL)
        assert error and words in error[1], (field, value[:20], error and error[1])
        kept = typed()["content"] if field != "content" else typed()["claimed_name"]
        assert kept in text
        if field not in {"category", "region"}:
            assert escape(value) in text, (field, value[:20])
    assert not Appeal.objects.exists()


def test_a_15_digit_registration_number_is_accepted(client, district):
    assert submitted(client, claimed_code="340711600012345")[0].claimed_code == "340711600012345"


def test_rare_characters_and_emoji_are_kept_verbatim(client, district):
    content = "𠮷祥路口积水😀，𪚥公司货车进不来。\n第二行“引号”<b>粗</b>"
    appeal, _ = submitted(client, content=content, contact_name="𠮷田😀", claimed_name="铜陵𠮷祥有限公司")
    appeal.refresh_from_db()
    assert appeal.content == content
    assert (appeal.contact_name, appeal.claimed_name) == ("𠮷田😀", "铜陵𠮷祥有限公司")
    assert "𠮷祥路口积水😀" in page(client.get(path_of(appeal)))


def test_a_text_at_the_limit_is_accepted(client, district):
    assert len(submitted(client, content="难" * 3000)[0].content) == 3000


def test_script_tags_are_shown_as_text(client, district):
    appeal, _ = submitted(client, content=f"{XSS}货车进不来", claimed_name=XSS, contact_name=XSS)
    for answer in (client.get(path_of(appeal)), client.get(f"/340711/slip/{appeal.number}/")):
        assert "<script>alert" not in page(answer) and escape(XSS) in page(answer)
    refused = client.post(SUBMIT, typed(token="u" * 32, content=f"</textarea>{XSS}", contact_phone="1"))
    assert refused.status_code == 422 and "<script>alert" not in page(refused)
    client.force_login(Cast(district).dispatcher)
    staff = page(client.get(reverse("appeals:detail", args=[appeal.number])))
    assert "<script>alert" not in staff and escape(XSS) in staff


def test_a_form_of_absurd_size_is_refused_in_chinese(client, district):
    for data in (typed(content="难" * 2_000_000), {f"x{number}": "" for number in range(1100)}):
        answer = client.post(SUBMIT, data)
        assert answer.status_code == 400 and "无法处理" in page(answer)
    assert not Appeal.objects.exists()


def test_a_token_that_no_page_gave_out_does_no_harm(client, district):
    for number, token in enumerate(("\0", "x\0y", "", "t" * 500), start=1):
        words = f"第{number}件诉求的内容"
        assert client.post(SUBMIT, typed(token=token, content=words)).status_code == 302, token
        assert Appeal.objects.count() == number


# --- Attachments ----------------------------------------------------------------------------------


def test_files_that_cannot_be_taken_are_told_in_chinese_and_the_text_stays(client, district):
    macro = office("word/document.xml", "word/vbaProject.bin", "[Content_Types].xml")
    for files, words in (
        ([photo("全景.jpg", b"\xff\xd8\xff" + bytes(30 * 1024 * 1024))], "超过上限"),
        ([photo("setup.exe", b"MZ" + bytes(100))], "不能上传“setup.exe”"),
        ([photo("照片.jpg", b"MZ" + bytes(100))], "内容与文件类型不符"),
        ([photo("合同.docx", macro)], "含有宏"),
        ([photo("合同.docx", b"MZ" + bytes(100))], "内容与文件类型不符"),
        ([photo("空白.pdf", b"")], "空文件"),
        ([photo(f"{number}.jpg") for number in range(10)], "最多上传9个"),
    ):
        answer = client.post(SUBMIT, typed(attachments=files))
        assert answer.status_code == 422, words
        error = re.search(r'id="id_attachments_error">(.*?)</div>', page(answer), re.DOTALL)
        assert error and words in error[1], words
        assert typed()["content"] in page(answer)
    assert not Appeal.objects.exists() and not Attachment.objects.exists()


def test_ordinary_files_are_taken(client, district):
    files = [
        photo("现场.JPG"),
        photo("扫描.pdf", b"%PDF-1.7 x"),
        photo("合同.docx", office("word/document.xml")),
        photo("清单.xlsx", office("xl/workbook.xml")),
        photo("旧合同.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        photo("说明.txt", "说明".encode("gb18030")),
    ]
    appeal, _ = submitted(client, attachments=files)
    assert [file.name for file in appeal.attachments.all()] == [file.name for file in files]
    assert "扫描.pdf" in page(client.get(path_of(appeal)))


def test_good_files_outlive_an_error_and_are_released_once_the_form_goes_through(client, district):
    answer = client.post(SUBMIT, typed(contact_phone="", attachments=[photo(), photo("病毒.exe", b"MZ")]))
    assert answer.status_code == 422
    held = HeldUpload.objects.get()
    assert held.name == "现场.jpg" and "已上传的附件" in page(answer) and f'value="{held.pk}"' in page(answer)
    appeal, _ = submitted(client)
    file = appeal.attachments.get()
    assert file.name == "现场.jpg" and file.file.read() == JPEG
    assert not HeldUpload.objects.exists() and not held.file.storage.exists(held.file.name)


def test_a_held_file_can_be_dropped(client, district):
    client.post(SUBMIT, typed(contact_phone="", attachments=[photo(), photo("另一张.jpg")]))
    first = HeldUpload.objects.earliest("pk")
    appeal, _ = submitted(client, drop_held=[first.pk, "x", "9" * 30])
    assert [file.name for file in appeal.attachments.all()] == ["另一张.jpg"]


def test_a_held_file_is_not_counted_twice_and_still_counts_towards_the_limit(client, district):
    client.post(SUBMIT, typed(contact_phone="", attachments=[photo(f"{number}.jpg") for number in range(5)]))
    again = [photo(f"{number}.jpg") for number in range(5, 10)]
    answer = client.post(SUBMIT, typed(attachments=again))
    assert answer.status_code == 422 and "最多上传9个" in page(answer)
    assert "已上传的附件" in page(answer)


def test_files_held_for_one_form_are_not_for_another(client, district):
    client.post(SUBMIT, typed(contact_phone="", attachments=[photo()]))
    assert not submitted(Client(), token="o" * 32)[0].attachments.exists()


# --- Once, and never lost -------------------------------------------------------------------------


def test_a_double_click_and_the_back_button_make_one_appeal_with_the_same_slip(client, district):
    first = client.post(SUBMIT, typed())
    again = client.post(SUBMIT, typed())
    changed = client.post(SUBMIT, typed(content="退回后又改了几个字再提交。"))
    assert first["Location"] == again["Location"] == changed["Location"]
    assert Appeal.objects.count() == 1
    assert code_on(client.get(first["Location"])) == code_on(client.get(changed["Location"]))


def test_the_same_words_from_a_fresh_page_are_the_same_report_in_the_same_district_alone(client, district):
    first = client.post(SUBMIT, typed())
    assert client.post(SUBMIT, typed(token="f" * 32))["Location"] == first["Location"]
    factories.another_district(district)
    assert client.post("/340705/submit/", typed(token="g" * 32))["Location"] != first["Location"]
    assert Appeal.objects.count() == 2


def test_a_form_sent_again_after_the_session_was_lost_leads_to_the_same_slip(client, district):
    _, code = submitted(client)
    other = Client()
    assert code_on(other.post(SUBMIT, typed(), follow=True)) == code
    assert Appeal.objects.count() == 1


def test_a_lost_cookie_loses_no_text_and_asks_once_more(district):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(SUBMIT, typed(content=f"写了很久的诉求{XSS}"))
    text = page(answer)
    assert answer.status_code == 403 and not Appeal.objects.exists()
    assert "页面放得太久" in text and escape(f"写了很久的诉求{XSS}") in text and "<script>alert" not in text
    offered = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text))
    assert offered["contact_phone"] == "13900001111" and offered["token"] == "t" * 32
    sent = client.post(SUBMIT, typed(csrfmiddlewaretoken=offered["csrfmiddlewaretoken"]))
    assert sent.status_code == 302 and Appeal.objects.count() == 1


def test_too_many_reports_from_one_address_are_asked_to_wait(client, district, monkeypatch):
    monkeypatch.setattr(public, "SUBMITS_PER_HOUR", "2/h")
    for number in range(2):
        data = typed(token=f"{number}" * 32, content=f"第{number}件诉求的内容")
        assert client.post(SUBMIT, data).status_code == 302
    answer = client.post(SUBMIT, typed(token="z" * 32))
    assert answer.status_code == 429 and "操作太频繁" in page(answer) and "拨打" in page(answer)
    assert Appeal.objects.count() == 2
    # What was reported already is not a new report.
    assert client.post(SUBMIT, typed(token="0" * 32)).status_code == 302


def test_an_unknown_district_is_not_found(client, district):
    for code in ("999999", "340700", "340705"):
        for path in ("", "letter/", "submit/", "track/", "track/JQ20261119-0001/", "slip/JQ20261119-0001/"):
            assert client.get(f"/{code}/{path}").status_code == 404, (code, path)
        assert client.post(f"/{code}/submit/", typed()).status_code == 404


# --- The slip and the way back in -----------------------------------------------------------------


def test_the_slip_is_for_the_browser_that_reported_alone(client, district):
    appeal, code = submitted(client)
    slip = f"/340711/slip/{appeal.number}/"
    assert Client().get(slip).status_code == 404
    other = Client()
    other.post(TRACK, {"number": appeal.number, "secret": code})
    # Who holds the code may follow the appeal, but the slip does not tell the code again.
    assert other.get(slip)["Location"] == path_of(appeal)


def test_an_appeal_is_followed_by_number_and_code_however_they_are_typed(client, district):
    appeal, code = submitted(client)
    plain = code.replace("-", "")
    fullwidth = "".join(chr(ord(letter) + 0xFEE0) for letter in plain)
    secrets = (
        code,
        plain,
        plain.lower(),
        f" {plain[:4]} {plain[4:]} ",
        fullwidth,
        "13900001111",
        "139 0000 1111",
    )
    ways = [(appeal.number, secret) for secret in secrets] + [(f"  {appeal.number.lower()} ", code)]
    for number, secret in ways:
        visitor = Client()
        answer = visitor.post(TRACK, {"number": number, "secret": secret})
        assert answer.status_code == 302 and answer["Location"] == path_of(appeal), (number, secret)
    assert visitor.get(path_of(appeal)).status_code == 200


def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(client, district):
    appeal, _ = submitted(client)

    def asked(number: str, secret: str) -> tuple[int, str]:
        answer = Client().post(TRACK, {"number": number, "secret": secret})
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page(answer))
        return answer.status_code, text.replace(number, "NUMBER")

    wrong = asked(appeal.number, "ABCD-EFGH")
    assert wrong[0] == 404 and "没有找到" in wrong[1]
    assert wrong == asked("JQ20990101-0001", "ABCD-EFGH")
    assert wrong == asked(appeal.number, "13800000000") == asked("JQ20990101-0001", "13900001111")
    assert asked("", "")[0] == asked("\0", "\0")[0] == 404


def test_a_number_of_another_district_is_unknown_here(client, district):
    appeal, code = submitted(client)
    factories.another_district(district)
    answer = client.post("/340705/track/", {"number": appeal.number, "secret": code})
    assert answer.status_code == 404
    assert client.get(f"/340705/track/{appeal.number}/").status_code == 404


def test_guessing_at_one_number_ends_however_it_is_written_and_wherever_from(client, district, monkeypatch):
    monkeypatch.setattr(public, "LOOKUPS_PER_QUARTER", "3/15m")
    appeal, code = submitted(client)
    ways = [appeal.number, appeal.number.lower(), f" {appeal.number}"]
    ways.append("".join(chr(ord(char) + 0xFEE0) if char != "-" else char for char in appeal.number))
    answers = [
        client.post(TRACK, {"number": number, "secret": "WRONG"}, REMOTE_ADDR=f"10.0.0.{place}").status_code
        for place, number in enumerate(ways)
    ]
    assert answers == [404, 404, 404, 429]
    refused = client.post(TRACK, {"number": appeal.number, "secret": code}, REMOTE_ADDR="10.0.1.1")
    assert refused.status_code == 429 and "操作太频繁" in page(refused)


def test_guessing_at_many_numbers_from_one_address_ends(client, district, monkeypatch):
    monkeypatch.setattr(public, "LOOKUPS_PER_QUARTER", "3/15m")
    answers = [client.post(TRACK, {"number": f"JQ{n}", "secret": "x"}).status_code for n in range(4)]
    assert answers == [404, 404, 404, 429]


def test_somebody_elses_number_in_the_address_is_not_found(client, district):
    cast = Cast(district)
    mine, _ = submitted(client)
    theirs, _ = submitted(Client(), token="o" * 32, attachments=[photo()])
    file = theirs.attachments.get()
    for path in (path_of(theirs), f"/340711/slip/{theirs.number}/", f"/340711/files/{file.pk}/"):
        assert client.get(path).status_code == 404, path
    for number in ("JQ20990101-0001", "%00", "x%00y", "..", "%F0%A0%AE%B7"):
        assert client.get(f"{TRACK}{number}/").status_code == 404, number
    assert act(client, theirs, "supplement", content="冒名补充").status_code == 404
    theirs.refresh_from_db()
    assert theirs.version == 1 and client.get(path_of(mine)).status_code == 200
    # Signing in as an official does not make anybody the firm.
    client.logout()
    client.force_login(cast.dispatcher)
    assert client.get(path_of(theirs)).status_code == 404


# --- The firm's page ------------------------------------------------------------------------------


def test_the_firm_sees_units_and_answers_but_no_officers_and_nothing_internal(client, district):
    cast = Cast(district)
    for number, part in enumerate(Cast.PARTS):
        user = getattr(cast, part)
        user.last_name, user.first_name = "欧阳", f"经办{number}"
        user.save()
        if user.official:
            user.official.name = f"上官联企{number}"
            user.official.save()
    appeal, _ = submitted(client)
    appeal = cast.do(appeal, "propose_decline", reason="内部：拟不受理")
    appeal = cast.do(appeal, "refuse_decline", opinion="内部：不同意")
    appeal = cast.do(appeal, "accept")
    assisting = [factories.unit(district, "nyj").pk]
    appeal = cast.do(appeal, "dispatch", requirements="内部：三日内上门", assisting_units=assisting)
    appeal = cast.do(appeal, "sign", officer=cast.unit_leader.pk)
    appeal = cast.do(appeal, "assist", by="assistant", opinion="内部：协办意见")
    appeal = cast.do(appeal, "feedback", result="已组织专场招聘。", basis="某某办法第三条")
    appeal = cast.do(appeal, "revisit", note="内部：语气不耐烦")
    appeal = cast.do(appeal, "redo", reason="内部：重新对接")
    appeal = cast.do(appeal, "sign")
    Attachment.objects.create(
        appeal=appeal, event_seq=appeal.version, round=2, at=appeal.submitted_at, file="x.pdf",
        name="内部请示.pdf", size=1, media_type="application/pdf", sha256="", audience="internal",
    )  # fmt: skip
    text = page(client.get(path_of(appeal)))
    assert "内部" not in text and "欧阳" not in text and "上官" not in text
    assert "已组织专场招聘。" in text and "某某办法第三条" in text
    assert factories.unit(district, "rsj").name in text
    assert "13900001111" not in text


def test_the_firm_judges(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client)
    appeal = cast.walk(appeal, "feedback")
    assert "评价" in page(client.get(path_of(appeal)))
    refused = act(client, appeal, "rate", satisfaction="", solved="yes", comment="写了很多评价")
    assert refused.status_code == 422 and "写了很多评价" in page(refused)
    answer = act(client, appeal, "rate", satisfaction="unsatisfied", solved="no", comment="人还没到岗")
    assert answer.status_code == 302
    assert appeal.ratings.get().satisfaction == "unsatisfied"
    assert "人还没到岗" in page(client.get(path_of(appeal)))


def test_a_judgement_sent_twice_counts_once(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client)
    appeal = cast.walk(appeal, "feedback")
    data = {"seen": appeal.version, "token": "j" * 32, "satisfaction": "satisfied", "solved": "yes"}
    for _ in range(2):
        answer = client.post(f"{path_of(appeal)}rate/", data)
        assert answer.status_code == 302 and answer["Location"] == path_of(appeal)
    assert appeal.ratings.count() == 1


def test_the_firm_supplements_with_a_file(client, district):
    appeal, _ = submitted(client)
    refused = act(client, appeal, "supplement", content="", attachments=[photo("用工表.jpg")])
    assert refused.status_code == 422 and "用工表.jpg" in page(refused)
    act(client, appeal, "supplement", content="补充用工明细")
    file = appeal.attachments.get()
    text = page(client.get(path_of(appeal)))
    assert "补充用工明细" in text and f"/340711/files/{file.pk}/" in text
    assert not HeldUpload.objects.exists()


def test_the_firm_confirms_an_answer_given_on_the_spot_and_may_take_it_back(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client)
    appeal = cast.do(appeal, "offer_answer", by="dispatcher", answer="已现场办理。")
    assert "已现场办理。" in page(client.get(path_of(appeal)))
    assert act(client, appeal, "confirm_solved").status_code == 302
    appeal.refresh_from_db()
    assert appeal.status == Status.SOLVED_ON_SPOT
    assert act(client, appeal, "not_solved", reason="问题又出现了").status_code == 302
    appeal.refresh_from_db()
    assert appeal.status == Status.SUBMITTED
    assert "问题又出现了" in page(client.get(path_of(appeal)))


def test_a_stale_page_gets_a_409_with_what_was_typed_and_its_files(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client)
    before = appeal.version
    cast.do(appeal, "accept")
    data = {"seen": before, "token": "s" * 32, "content": "写了很久的补充", "attachments": [photo("表.jpg")]}
    answer = client.post(f"{path_of(appeal)}supplement/", data)
    assert answer.status_code == 409
    assert "写了很久的补充" in page(answer) and "待交办" in page(answer)
    assert "表.jpg" in page(answer)
    token = HeldUpload.objects.get().token
    assert f'value="{token}"' in page(answer)
    # Looked at and sent again from the page that the conflict showed: nothing is lost.
    appeal.refresh_from_db()
    again = {"seen": appeal.version, "token": token, "content": "写了很久的补充"}
    assert client.post(f"{path_of(appeal)}supplement/", again).status_code == 302
    assert appeal.attachments.get().name == "表.jpg"


def test_judging_what_is_no_longer_there_to_be_judged_keeps_the_words(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client)
    appeal = cast.walk(appeal, "feedback")
    before = appeal.version
    cast.do(appeal, "redo")
    data = {
        "seen": before,
        "token": "s" * 32,
        "satisfaction": "satisfied",
        "solved": "yes",
        "comment": "办得好",
    }
    answer = client.post(f"{path_of(appeal)}rate/", data)
    assert answer.status_code == 409 and "办得好" in page(answer)
    assert not appeal.ratings.exists()


def test_the_firm_may_do_nothing_of_the_officials_business(client, district):
    appeal, _ = submitted(client)
    for transition in ("accept", "dispatch", "close", "register", "submit", "nonsense", "solve_on_spot"):
        assert act(client, appeal, transition).status_code == 404, transition
    assert act(client, appeal, "confirm_solved").status_code == 409
    appeal.refresh_from_db()
    assert (appeal.status, appeal.version) == (Status.SUBMITTED, 1)


def test_every_id_on_the_firms_page_is_unique(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client)
    appeal = cast.walk(appeal, "feedback")
    for text in (
        page(client.get(path_of(appeal))),
        page(act(client, appeal, "rate")),
        page(client.get(SUBMIT)),
    ):
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
        for label in re.findall(r'<label[^>]* for="([^"]+)"', text):
            assert label in ids, label


def test_files_are_for_the_holder_alone_and_internal_ones_not_even_for_him(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client, attachments=[photo(), photo("清单.txt", b"one,two")])
    picture, table = appeal.attachments.all()
    answer = client.get(f"/340711/files/{picture.pk}/")
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == JPEG
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"] and "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("inline")
    assert client.get(f"/340711/files/{table.pk}/")["Content-Disposition"].startswith("attachment")
    assert Client().get(f"/340711/files/{picture.pk}/").status_code == 404
    signed = cast.solve_on_spot()
    signature = signed.attachments.get()
    holder = Client()
    holder.post(TRACK, {"number": signed.number, "secret": signed.secret_code})
    assert holder.get(path_of(signed)).status_code == 200
    assert holder.get(f"/340711/files/{signature.pk}/").status_code == 404
    assert "signature" not in page(holder.get(path_of(signed)))


def test_a_firm_whose_appeal_was_declined_reads_why_and_where_to_turn(client, district):
    cast = Cast(district)
    appeal, _ = submitted(client)
    appeal = cast.do(appeal, "propose_decline")
    assert "该纠纷已在法院审理" not in page(client.get(path_of(appeal)))
    cast.do(appeal, "decline", opinion="内部：同意")
    text = page(client.get(path_of(appeal)))
    assert "该纠纷已在法院审理" in text and "请向" in text and "内部" not in text


def opened(client: Client, appeal: Appeal) -> str:
    """The firm's page, for whoever proved to hold the appeal by the phone that was given."""
    client.post(TRACK, {"number": appeal.number, "secret": appeal.contact_phone})
    return page(client.get(reverse("public:appeal", args=["340711", appeal.number])))


def offered(text: str, appeal: Appeal) -> set[str]:
    return set(re.findall(rf"/track/{appeal.number}/([a-z_]+)/", text))


def test_a_firm_that_is_waited_for_reads_what_for_and_answers_there(client, district):
    cast = Cast(district)
    appeal = cast.do(cast.walk(cast.submit(), "sign"), "ask_firm", question="请补充营业执照复印件。")
    text = opened(client, appeal)
    assert "请您补充材料" in text and "请补充营业执照复印件。" in text
    assert offered(text, appeal) == {"supply", "withdraw"}
    files = {"content": "如附件。", "attachments": photo(), "seen": appeal.version, "token": "w" * 20}
    answer = client.post(f"/340711/track/{appeal.number}/supply/", files)
    assert answer.status_code == 302
    appeal.refresh_from_db()
    assert appeal.status == Status.HANDLING and appeal.attachments.count() == 1


@pytest.mark.parametrize(
    ("way", "what"),
    [
        (["propose_decline", "decline"], {"object", "reopen"}),
        (["propose_decline", "decline", "object"], set()),
        (["withdraw", "confirm_withdrawal"], set()),
        (["withdraw"], {"supplement"}),
    ],
)
def test_the_firm_finds_what_is_open_to_it_now(client, district, way, what):
    cast = Cast(district)
    appeal = cast.through(cast.submit(), *way)
    assert offered(opened(client, appeal), appeal) == what


def test_a_closed_appeal_is_asked_again_until_the_day_the_page_names(client, district):
    cast = Cast(district)
    appeal = cast.walk(cast.submit(), "close")
    text = opened(client, appeal)
    assert offered(text, appeal) == {"reopen"}
    assert f"{appeal.reopen_until:%Y}年" in text and "再次反映" in text
    data = {"reason": "人又走了。", "seen": appeal.version, "token": "r" * 20}
    assert client.post(f"/340711/track/{appeal.number}/reopen/", data).status_code == 302
    appeal.refresh_from_db()
    assert (appeal.status, appeal.round) == (Status.ACCEPTED, 2)


def test_a_withdrawal_needs_a_reason_and_keeps_what_was_typed_elsewhere(client, district):
    cast = Cast(district)
    appeal = cast.walk(cast.submit(), "sign")
    opened(client, appeal)
    data = {"reason": "", "seen": appeal.version, "token": "q" * 20}
    answer = client.post(f"/340711/track/{appeal.number}/withdraw/", data)
    assert answer.status_code == 422 and "必填" in page(answer)
    assert not Appeal.objects.get(pk=appeal.pk).requests.exists()


def test_an_official_who_is_signed_in_does_not_act_as_the_firm(client, district):
    cast = Cast(district)
    appeal = cast.walk(cast.submit(), "feedback")
    client.force_login(cast.liaison)
    opened(client, appeal)
    data = {"satisfaction": "very_satisfied", "solved": "yes", "seen": appeal.version, "token": "f" * 20}
    assert client.post(f"/340711/track/{appeal.number}/rate/", data).status_code == 403
    assert not appeal.ratings.exists()


def test_a_firm_that_acts_without_end_is_asked_to_wait(client, district, monkeypatch):
    monkeypatch.setattr(public, "ACTS_PER_HOUR", "2/h")
    cast = Cast(district)
    appeal = cast.submit()
    opened(client, appeal)
    sent = [
        client.post(f"/340711/track/{appeal.number}/supplement/", {"content": "补充", "token": str(n) * 20})
        for n in range(3)
    ]
    assert [answer.status_code for answer in sent] == [302, 302, 429]


def test_a_body_in_another_charset_is_refused_in_words(live_server, district):
    """Django's own error pages look into the body once more and fail."""
    session = requests.Session()
    token = session.get(f"{live_server.url}{TRACK}").cookies["csrftoken"]
    answer = session.post(
        f"{live_server.url}{TRACK}", data=b"\xff",
        headers={"X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded; charset=utf-16"},
    )  # fmt: skip
    assert answer.status_code == 400 and "无法处理" in answer.text
