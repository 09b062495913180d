"""The components behave the same on every page that uses them."""

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from core.icons import ICONS
from core.masking import mask_name, mask_phone


def render(source: str, query: str = "", **context: object) -> str:
    request = RequestFactory().get(f"/list/?{query}")
    return engines["django"].from_string(source).render(context, request=request)


class ComplaintForm(forms.Form):
    title = forms.CharField(label="标题", help_text="一句话说清楚")
    urgency = forms.ChoiceField(
        label="紧急程度", choices=[("u", "紧急"), ("n", "一般")], widget=forms.RadioSelect
    )
    firm = forms.CharField(label="企业", widget=forms.HiddenInput)
    files = forms.FileField(label="附件", required=False, widget=forms.FileInput(attrs={"data-max-mb": 20}))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("0562-2345678", "0562-234****"),
        ("05622345678", "0562-234****"),
        ("0562-23456789-801", "0562-2345****"),
        ("400-123-4567", "400-123-****"),
        ("12345", "1****"),
        ("", ""),
        (None, ""),
    ],
)
def test_it_hides_the_middle_of_a_mobile_and_the_end_of_a_landline(number, shown):
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王**"),
        ("王明", "王**"),
        ("𠮷野", "𠮷**"),
        ("葛\U000e0100明", "葛\U000e0100**"),
        ("欧阳小明", "欧阳**"),
        ("欧阳", "欧**"),
        ("", ""),
        (None, ""),
    ],
)
def test_it_keeps_only_the_surname(name, shown):
    assert mask_name(name) == shown


def test_a_phone_is_masked_unless_the_page_asks_for_it_whole():
    assert "13812345678" not in render("{% phone '13812345678' %}")
    assert 'href="tel:13812345678"' in render("{% phone '13812345678' full=True %}")


@pytest.mark.parametrize("name", sorted(ICONS))
def test_an_icon_is_hidden_from_screen_readers_unless_it_has_a_label(name):
    assert 'aria-hidden="true"' in render("{% icon name %}", name=name)
    assert 'role="img" aria-label="说明"' in render("{% icon name '说明' %}", name=name)


@pytest.mark.parametrize("colour", ["green", "blue", "yellow", "red", "none"])
def test_a_deadline_never_speaks_by_colour_alone(colour):
    deadline = SimpleNamespace(
        colour=colour,
        colour_label="今天到期",
        due_at=datetime(2026, 11, 19, 17, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
        get_kind_display=lambda: "办理",
    )
    html = render("{% deadline_chip deadline %}", deadline=deadline)
    assert f"chip-{colour}" in html
    assert "今天到期" in html
    assert "11-19 17:30" in html


def test_a_missing_deadline_shows_nothing():
    assert render("{% deadline_chip deadline %}", deadline=None).strip() == ""


def test_an_unknown_status_still_shows_its_words():
    appeal = SimpleNamespace(status="closed", get_status_display=lambda: "办结")
    assert "办结" in render("{% status_badge appeal %}", appeal=appeal)


def test_a_field_ties_label_hint_and_error_to_its_control():
    html = render("{% field form.title %}", form=ComplaintForm({}))
    assert '<label for="id_title">标题' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert html.count("aria-describedby") == 1


def test_a_group_of_choices_is_a_fieldset_with_a_legend():
    html = render("{% field form.urgency %}", form=ComplaintForm())
    assert "<fieldset" in html
    assert "<legend" in html
    assert html.count('type="radio"') == 2


def test_what_was_typed_is_shown_again_and_escaped():
    html = render("{% field form.title %}", form=ComplaintForm({"title": '"><script>𠮷😀'}))
    assert "<script>" not in html
    assert "𠮷😀" in html


def test_the_error_summary_links_to_every_wrong_field():
    form = ComplaintForm({})
    form.full_clean()
    form.add_error(None, "请先登录")
    html = render("{% form_errors form %}{% lookup form.firm '/find/' %}", form=form)
    assert 'role="alert"' in html
    assert 'tabindex="-1"' in html
    assert 'href="#id_title"' in html
    assert 'href="#id_urgency_0"' in html
    assert 'href="#id_firm_control"' in html
    assert 'id="id_firm_control"' in html
    assert "请先登录" in html


def test_no_summary_without_errors():
    assert render("{% form_errors form nothing %}", form=ComplaintForm(), nothing=None).strip() == ""


def test_the_summary_names_the_row_of_a_formset():
    rows = forms.formset_factory(ComplaintForm, extra=0)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-title": "甲", "form-1-title": ""}
    )
    html = render("{% form_errors rows %}", rows=rows)
    assert "第 2 行 标题" in html
    assert 'href="#id_form-1-title"' in html


def test_a_lookup_shows_again_what_was_typed():
    form = ComplaintForm({"firm": "", "firm_text": "安徽某公司"})
    html = render("{% lookup form.firm '/find/' %}", form=form)
    assert 'name="firm_text"' in html
    assert 'value="安徽某公司"' in html


def test_the_pager_keeps_the_filter_in_the_address():
    html = render("{% pager page %}", query="status=handling&page=2", page=Paginator(range(60), 20).page(2))
    assert "?status=handling&amp;page=1" in html
    assert "?status=handling&amp;page=3" in html
    assert "共 60 条" in html


def test_the_filter_bar_counts_what_is_in_force_and_exports_the_same():
    class Filter(forms.Form):
        q = forms.CharField(required=False)
        status = forms.CharField(required=False)

    html = render(
        "{% filter_bar form export_url='/export/' %}", query="q=&status=handling&page=3", form=Filter({})
    )
    assert "1 项生效" in html
    assert 'href="/export/?q=&amp;status=handling"' in html


def test_the_timeline_escapes_what_people_wrote():
    event = SimpleNamespace(label="反馈", at=None, by="", text="<b>一\n二", tone="", attachments=[])
    html = render("{% timeline items %}", items=[event])
    assert "&lt;b&gt;一<br>二" in html


@pytest.mark.parametrize("template", ["400", "403", "404", "409", "413", "429", "500", "403_csrf"])
def test_an_error_page_has_one_heading_and_a_way_out(template):
    html = engines["django"].get_template(f"{template}.html").render({})
    assert html.count("<h1") == 1
    assert 'id="main"' in html
    assert 'href="/"' in html


def test_an_expired_page_hands_back_what_was_typed():
    html = (
        engines["django"]
        .get_template("403_csrf.html")
        .render({"submitted": [("content", "厂门口积水")]}, request=RequestFactory().post("/340711/submit/"))
    )
    assert '<input type="hidden" name="content" value="厂门口积水">' in html
    assert 'action="/340711/submit/"' in html


def test_templates_need_no_inline_code():
    """The content security policy allows neither inline style nor inline script."""
    from pathlib import Path

    from django.conf import settings

    for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        html = path.read_text()
        assert " style=" not in html, path
        assert "<style" not in html, path
        assert " onclick=" not in html, path
        assert "hx-on" not in html, path
        assert "<script>" not in html, path


def test_the_style_guide_draws_every_component():
    class User:
        pk, is_authenticated, unit = 1, True, SimpleNamespace(name="区科经局", short_name="")

        def get_full_name(self) -> str:
            return "陈晓"

        get_username = get_full_name

    entry = SimpleNamespace(
        label="办理中", state="current", at=None, note="", url="#", current=True, icon="home"
    )
    html = (
        engines["django"]
        .get_template("components/styleguide.html")
        .render(
            {
                "user": User(),
                "navigation": [entry],
                "unread_count": 3,
                "tab_items": [entry],
                "filter_form": forms.Form({}),
                "appeals": [],
                "page": Paginator(range(60), 20).page(1),
                "official": SimpleNamespace(name="刘洋"),
                "events": [entry],
                "step_items": [entry],
                "deadlines": [],
                "icons": ICONS,
                "form": ComplaintForm({}),
            },
            request=RequestFactory().get("/"),
        )
    )
    assert html.count("<h1") == 1
    assert "3 条未读" in html
    for part in (
        "tiles",
        "tabs",
        "filter-bar",
        "pager",
        "facts",
        "timeline",
        "steps",
        "empty",
        "field-lookup",
    ):
        assert f'class="{part}' in html or f" {part}" in html, part
