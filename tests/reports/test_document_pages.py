"""The pages of documents: the card of an appeal, preview and giving out, the register, a district's own words."""

import io
import shutil
import subprocess
from urllib.parse import unquote

import docx
import pytest
import time_machine
from openpyxl import load_workbook

from accounts.models import AuditEntry
from districts.models import DistrictProfile
from reports.documents import issuing
from reports.models import Document, DocumentTemplate
from tests.reports.test_documents import PLACE, dispatched, given_out, refused
from tests.reports.work import moment


@pytest.fixture
def cast(work):
    with time_machine.travel(moment("2026-11-18 09:30"), tick=True):
        yield work.cast


@pytest.fixture
def page(client, cast):
    def get(url, by="dispatcher", **posted):
        client.force_login(getattr(cast, by))
        return client.post(url, posted) if posted else client.get(url)

    return get


def new(appeal, kind):
    return f"/reports/documents/new/{appeal.number}/{kind}/"


def body(answer):
    return answer.content.decode()


def test_the_card_offers_what_can_be_made_and_lists_what_was(cast, page):
    appeal = dispatched(cast)
    before = body(page(f"/appeals/{appeal.number}/"))
    assert "出具交办单" in before and "出具答复函" not in before
    given_out(cast, "dispatch", appeal)
    after = body(page(f"/appeals/{appeal.number}/"))
    assert "出具交办单" not in after and "郊亲清交〔2026〕1号" in after
    # The unit reads it, and has nothing of its own to make yet.
    seen = body(page(f"/appeals/{appeal.number}/", by="liaison"))
    assert "郊亲清交〔2026〕1号" in seen and "出具" not in seen


def test_the_card_costs_the_same_for_one_document_and_for_many(cast, page, django_assert_max_num_queries):
    appeal = dispatched(cast)
    given_out(cast, "dispatch", appeal)
    url = f"/appeals/{appeal.number}/"
    page(url)
    with django_assert_max_num_queries(40) as one:
        page(url)
    for _ in range(5):
        document = Document.objects.in_force().get(kind="dispatch")
        issuing.withdraw(by=cast.dispatcher, document=document, reason="重出。")
        given_out(cast, "dispatch", appeal)
    with django_assert_max_num_queries(len(one)):
        page(url)


def test_preview_shows_it_masked_and_takes_no_number(cast, page):
    appeal = dispatched(cast)
    answer = page(new(appeal, "dispatch"), preview="1", ask_0="调度室 0562-1234567")
    assert "0562-1234567" in body(answer) and "139****1111" in body(answer)
    assert "13900001111" not in body(answer)
    assert not Document.objects.exists()


def test_the_same_form_sent_twice_gives_out_one_number(cast, page):
    appeal = dispatched(cast)
    form = {"issue": "1", "ask_0": "", "token": "once"}
    first, second = (page(new(appeal, "dispatch"), **form) for _ in range(2))
    document = Document.objects.get()
    assert first["Location"] == second["Location"] == f"/reports/documents/{document.pk}/"
    assert "郊亲清交〔2026〕1号" in body(page(first["Location"]))


def test_minutes_ask_first_and_say_what_is_missing(cast, page):
    appeal = refused(cast)
    shown = body(page(new(appeal, "minutes")))
    assert "区人社局、区财政局" in shown  # what the appeal knows is there already
    wrong = page(
        new(appeal, "minutes"), issue="1", ask_0="2026-11-19", ask_1="", ask_2="王局长", ask_3="x", ask_4="y"
    )
    assert wrong.status_code == 422
    assert "日期不能晚于今天。" in body(wrong) and "王局长" in body(wrong)
    right = {
        "ask_0": "2026-11-17",
        "ask_1": "三楼会议室",
        "ask_2": "王局长",
        "ask_3": "区人社局",
        "ask_4": "李某",
    }
    page(new(appeal, "minutes"), issue="1", token="t", **right)
    document = Document.objects.get(kind="minutes")
    assert "2026年11月17日，王局长在三楼会议室主持会商" in issuing.paper_of(document).as_text()


def test_too_early_is_refused_in_words(cast, page):
    answer = page(new(dispatched(cast), "reply"), by="liaison")
    assert answer.status_code == 403 and "还没有办到这一步" in body(answer)


def test_the_file_comes_as_it_was_and_is_logged(cast, page):
    document = given_out(cast, "dispatch", dispatched(cast))
    answer = page(f"/reports/documents/{document.pk}/download/", by="liaison")
    content = b"".join(answer.streaming_content)
    with document.file.open("rb") as stored:
        assert content == stored.read()
    assert docx.Document(io.BytesIO(content)).tables
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.get(action="document.download").user_id == cast.liaison.pk


def test_a_withdrawn_one_says_so_in_the_name_of_its_file_and_on_the_button(cast, page):
    document = given_out(cast, "dispatch", dispatched(cast))
    url = f"/reports/documents/{document.pk}/"

    def name_of_file():
        return unquote(page(f"{url}download/")["Content-Disposition"])

    assert "作废）" not in name_of_file() and "下载（已作废）" not in body(page(url))
    issuing.withdraw(by=cast.dispatcher, document=document, reason="期限写错。")
    assert "''（已作废）交办单 郊亲清交〔2026〕1号.docx" in name_of_file()
    shown = body(page(url))
    assert shown.index("已作废</span>") < shown.index("下载（已作废）")
    assert "下载（已作废）" in body(page("/reports/documents/"))


def test_withdrawing_asks_why_and_marks_it_everywhere(cast, page):
    document = given_out(cast, "dispatch", dispatched(cast))
    url = f"/reports/documents/{document.pk}/"
    assert page(f"{url}withdraw/", reason=" ").status_code == 422
    page(f"{url}withdraw/", reason="期限写错。")
    shown = body(page(url))
    assert "已作废" in shown and "期限写错。" in shown and "作废这份公文" not in shown
    assert "已作废" in body(page("/reports/documents/"))
    assert "郊亲清交" not in body(page("/reports/documents/?state=in_force")).split("<tbody>")[-1]


def test_the_register_is_filtered_and_exported_as_it_is_seen(cast, page):
    given_out(cast, "dispatch", dispatched(cast))
    answered = cast.walk(cast.submit(), "feedback")
    given_out(cast, "reply", answered, by="liaison")
    assert "JQ复〔2026〕1号" in body(page("/reports/documents/?kind=reply"))
    assert "郊亲清交〔2026〕1号" not in body(page("/reports/documents/?kind=reply"))
    assert "JQ复〔2026〕1号" in body(page("/reports/documents/?q=复〔2026〕"))
    sheet = load_workbook(io.BytesIO(page("/reports/documents/download/?kind=reply").content)).active
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["文号", "JQ复〔2026〕1号"]
    assert "JQ复" not in body(page("/reports/documents/", by="other_liaison")).split("<main")[1]


def test_the_register_costs_the_same_however_long_it_is(cast, client, django_assert_max_num_queries):
    given_out(cast, "dispatch", dispatched(cast))
    client.force_login(cast.dispatcher)
    client.get("/reports/documents/")
    with django_assert_max_num_queries(12) as one:
        client.get("/reports/documents/")
    for _ in range(4):
        given_out(cast, "dispatch", dispatched(cast))
    with django_assert_max_num_queries(len(one)):
        client.get("/reports/documents/")


def test_the_letters_page_leads_to_its_file(cast, page):
    letter = cast.do(dispatched(cast), "supervise").letters.get()
    for reader in ("dispatcher", "liaison"):
        assert f"/reports/documents/letters/{letter.pk}/" in body(
            page(f"/appeals/letters/{letter.pk}/", by=reader)
        )
    # The unit needs the file first: it is the sender's document all the same, and the sender's to withdraw.
    page(f"/reports/documents/letters/{letter.pk}/", by="liaison", issue="1")
    document = Document.objects.get(letter=letter)
    assert (document.made_by, document.unit) == (cast.dispatcher, cast.dispatcher.unit)
    assert AuditEntry.objects.get(action="document.issue").user_id == cast.liaison.pk
    assert issuing.may_withdraw(cast.dispatcher, document)
    assert not issuing.may_withdraw(cast.liaison, document)
    for reader in ("dispatcher", "liaison"):
        assert f"/reports/documents/{document.pk}/download/" in body(
            page(f"/appeals/letters/{letter.pk}/", by=reader)
        )


# --- A district's own words -----------------------------------------------------------------------

REPLY = {
    "layout": "letter",
    "title": "给{企业}的回信",
    "number": "科经复〔{年}〕{号}号",
    "head": "{发文单位}",
    "addressee": "{企业}",
    "boxes": "",
    "body": "来信收悉。\n{办理结果}",
    "note": "",
    "issuer": "{发文单位}",
    "change": "改成回信的口气",
    "seen": "0",
}
TEMPLATE = "/reports/documents/templates/reply/"


def test_new_words_are_used_from_now_on_and_every_version_is_kept(cast, page):
    page(TEMPLATE, by="bureau_leader", **REPLY)
    page(TEMPLATE, by="admin", **REPLY | {"title": "再改", "seen": "1", "change": "再改一次"})
    assert list(DocumentTemplate.objects.values_list("version", flat=True)) == [2, 1]
    shown = body(page(TEMPLATE, by="bureau_leader"))
    assert "改成回信的口气" in shown and 'value="再改"' in shown
    assert "给{企业}的回信" in body(page(f"{TEMPLATE}?from=1", by="bureau_leader"))
    assert "关于{企业}反映事项的答复函" in body(page(f"{TEMPLATE}?from=0", by="bureau_leader"))
    document = given_out(cast, "reply", cast.walk(cast.submit(), "feedback"), by="liaison")
    assert (document.number_text, document.title) == ("科经复〔2026〕1号", "再改")


def test_preview_of_words_keeps_nothing(cast, page):
    answer = page(TEMPLATE, by="bureau_leader", **REPLY | {"preview": "1", "change": ""})
    assert "给〔企业〕的回信" in body(answer)
    assert not DocumentTemplate.objects.exists()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"body": "{密码}"}, "不认识的占位 {密码}"),
        ({"number": "复字{号}号"}, "文号须含 {年} 和 {号}"),
        ({"number": ""}, "缺少文号格式"),
        ({"body": "来信收悉。{{编号}}"}, "正文中有多余"),
        ({"number": "郊亲清交 〔{年}〕{号}号"}, "交办单已经使用这个文号格式"),
        ({"number": "JQ会〔{年}〕{号}号"}, "会商研判纪要已经使用这个文号格式"),
        ({"number": "{前缀}督〔{年}〕{号}号"}, "督办单已经使用这个文号格式"),
        ({"number": "郊科经通报〔{年}〕{号}号"}, "通报已经使用这个文号格式"),
        ({"body": "", "boxes": ""}, "正文和表格至少要写一样"),
        ({"boxes": "没有冒号"}, "表格每栏应写成"),
        ({"boxes": "一：1｜二：2｜三：3"}, "一行至多两栏"),
        ({"change": ""}, "请写明改了什么"),
        ({"seen": "7"}, "刚才有人改过"),
    ],
)
def test_words_that_cannot_be_used_are_refused_and_kept_in_the_form(page, changed, why):
    answer = page(TEMPLATE, by="bureau_leader", **REPLY | changed)
    assert answer.status_code == 422
    assert why in body(answer)
    assert "来信收悉" in body(answer) or "body" in changed
    assert not DocumentTemplate.objects.exists()


def test_a_number_is_anothers_by_the_words_in_force(cast, page):
    """What a kind gave up by new words of its own is free; what it took is not."""
    assert page(TEMPLATE, by="bureau_leader", **REPLY).status_code == 302
    rules = DistrictProfile.objects.in_force(cast.district).rules
    words = rules.documents.dispatch.model_dump() | {"change": "换文号"}
    url = "/reports/documents/templates/dispatch/"
    refused = page(url, by="bureau_leader", **words | {"number": REPLY["number"], "seen": "0"})
    assert refused.status_code == 422
    assert "答复函已经使用这个文号格式" in refused.context["form"].errors["number"][0]
    taken = page(url, by="bureau_leader", **words | {"number": "{前缀}复〔{年}〕{号}号", "seen": "0"})
    assert taken.status_code == 302


def test_the_dispatcher_does_not_change_words(page):
    assert page(TEMPLATE, **REPLY).status_code == 403


# --- Printed --------------------------------------------------------------------------------------


@pytest.mark.office
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext")
def test_libreoffice_prints_every_kind(cast, tmp_path):
    explained = refused(cast)
    minutes = issuing.issue(by=cast.dispatcher, kind="minutes", appeal=explained, asked=PLACE)
    explained = cast.do(explained, "explained")
    answered = cast.walk(cast.submit(), "feedback")
    declined = cast.through(cast.submit(), "propose_decline", "decline")
    letter = cast.do(dispatched(cast), "supervise").letters.get()
    made = {
        "会商认定诉求不合理": minutes,
        "该项补贴政策已到期。": given_out(cast, "explain", explained, by="liaison"),
        "已组织专场招聘，到岗18人。": given_out(cast, "reply", answered, by="liaison"),
        "企业诉求受理登记单": given_out(cast, "slip", answered),
        "企业诉求交办单": given_out(cast, "dispatch", answered),
        "该纠纷已在法院审理。": given_out(cast, "decline", declined),
        "请抓紧办理。": issuing.issue_letter(by=cast.dispatcher, letter=letter),
    }
    for document in made.values():
        shutil.copy(document.file.path, tmp_path / f"{document.kind}.docx")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), *map(str, tmp_path.glob("*.docx"))],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    for words, document in made.items():
        text = subprocess.run(
            ["pdftotext", "-layout", str(tmp_path / f"{document.kind}.pdf"), "-"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        printed = "".join(text.split())
        assert "".join(words.split()) in printed, document.kind
        assert document.number_text in printed, document.kind
        assert "2026年11月18日" in printed, document.kind
        # A table form stands on one sheet; nothing runs to more than two.
        assert text.count("\f") <= (1 if document.words["layout"] == "form" else 2), document.kind
