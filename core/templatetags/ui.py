"""The components every page is put together from. The look of each lives in templates/components/."""

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.icons import ICONS
from core.masking import mask_name, mask_phone
from core.phones import dialled
from core.rehearsing import NOTICE
from core.wording import speak

register = template.Library()

register.filter("mask_phone", mask_phone)
register.filter("dialled", dialled)
register.filter("mask_name", mask_name)
register.filter("spoken", stringfilter(speak), is_safe=True)

# Where an appeal stands, in four looks: new on a desk, under way, waiting for somebody else, done with.
_STATUS_TONES = {
    "submitted": "new",
    "accepted": "new",
    "dispatched": "new",
    "handling": "active",
    "answered": "active",
    "revisited": "active",
    "waiting": "hold",
    "refusing": "hold",
    "consulting": "hold",
    "explaining": "hold",
    "reported_up": "hold",
    "on_file": "hold",
}

_DEADLINE_COLOURS = ("green", "blue", "yellow", "red")


@register.inclusion_tag("components/_rehearsal.html", takes_context=True)
def rehearsal_mark(context: Any) -> dict[str, Any]:
    """The word 演练 on every page of a district that rehearses: the page's district, else that of who is signed in."""
    unit = getattr(context.get("user"), "unit", None)
    district = context.get("district") or getattr(unit, "district", None)
    return {"notice": NOTICE if getattr(district, "is_rehearsal", False) else ""}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An inline SVG. Without a label it is decoration and hidden from screen readers."""
    drawing = mark_safe(ICONS[name])
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', label, drawing
        )
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>', drawing
    )


@register.simple_tag
def status_badge(appeal: Any, words: str = "") -> SafeString:
    """`words`: how this reader reads the state, where not by its own name."""
    tone = _STATUS_TONES.get(str(appeal.status), "final")
    return format_html('<span class="badge badge-{}">{}</span>', tone, words or appeal.get_status_display())


@register.inclusion_tag("components/_deadline_chip.html")
def deadline_chip(deadline: Any, kind: bool = True) -> dict[str, Any]:
    """Colour always with its word; `kind=False` leaves out which deadline it is.

    What has several limits says in `.runs_until` which of them runs.
    """
    colour = str(getattr(deadline, "colour", "") or "none")
    return {
        "deadline": deadline,
        "colour": colour if colour in _DEADLINE_COLOURS else "none",
        "due": getattr(deadline, "runs_until", None) or getattr(deadline, "due_at", None),
        "show_kind": kind,
    }


@register.inclusion_tag("components/_timeline.html")
def timeline(items: Iterable[Any]) -> dict[str, Any]:
    """Items carry .label .at and maybe .by .text .tone ("done", "now", "warn") .attachments."""
    return {"items": items}


@register.inclusion_tag("components/_steps.html")
def steps(items: Iterable[Any], label: str = "办理进度") -> dict[str, Any]:
    """The parcel-like tracker: items carry .label .state ("done", "current", "todo") and maybe .at .note."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/_person.html")
def person(official: Any, note: str = "") -> dict[str, Any]:
    return {"official": official, "note": note}


@register.simple_tag
def phone(number: str | None, full: bool = False) -> SafeString:
    """Masked unless `full`; a full number can be dialled."""
    if not number:
        return format_html('<span class="muted">{}</span>', "未填写")
    if full:
        dial = "".join(char for char in number if char.isdigit() or char == "+")
        return format_html('<a class="phone" href="tel:{}">{}</a>', dial, number)
    return format_html('<span class="phone">{}</span>', mask_phone(number))


@register.inclusion_tag("components/_stat_tile.html")
def stat_tile(
    label: str, value: Any, href: str = "", note: str = "", unit: str = "", colour: str = ""
) -> dict[str, Any]:
    """`colour` is a deadline colour and only for a figure about deadlines."""
    return {
        "label": speak(label), "value": value, "href": href, "note": speak(note), "unit": unit, "colour": colour,
    }  # fmt: skip


@register.inclusion_tag("components/_empty_state.html")
def empty_state(
    title: str, text: str = "", href: str = "", label: str = "", icon: str = "inbox"
) -> dict[str, str]:
    return {"title": speak(title), "text": speak(text), "href": href, "label": speak(label), "icon": icon}


@register.inclusion_tag("components/_filter_bar.html", takes_context=True)
def filter_bar(
    context: template.Context,
    filterset: Any,
    export_url: str = "",
    label: str = "筛选",
    export_label: str = "导出",
) -> dict[str, Any]:
    """A django-filter set or a plain GET form. What is filtered stays in the address."""
    form = getattr(filterset, "form", filterset)
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is not None:
        query.pop("page", None)
    shown = [name for name, field in form.fields.items() if not field.widget.is_hidden]
    active = sum(1 for name in shown if query and any(query.getlist(form.add_prefix(name))))
    return {
        "form": form,
        "path": request.path if request else "",
        "query": query.urlencode() if query else "",
        "active": active,
        "export_url": export_url,
        "export_label": export_label,
        "label": label,
    }


@register.inclusion_tag("components/_pager.html", takes_context=True)
def pager(context: template.Context, page: Any, parameter: str = "page") -> dict[str, Any]:
    """Numbered pages of a Django paginator; the rest of the query string is kept."""
    request = context.get("request")

    def link(number: int) -> str:
        query = request.GET.copy() if request else {}
        query[parameter] = str(number)
        return "?" + (query.urlencode() if request else f"{parameter}={number}")

    paginator = getattr(page, "paginator", None)
    return {
        "page": page,
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
        "total": getattr(page, "total_label", None) or getattr(paginator, "count", None),
        "pages": getattr(paginator, "num_pages", None),
    }


@register.inclusion_tag("components/_tabs.html")
def tabs(items: Iterable[Any], label: str = "视图") -> dict[str, Any]:
    """Items carry .label .url .current and maybe .count; each tab is a page of its own."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/_form_errors.html")
def form_errors(*forms_and_sets: Any) -> dict[str, Any]:
    """One summary for any number of forms and formsets, every line leading to its field."""
    lines: list[tuple[str, str, str]] = []
    asks_for_files = False
    for item in forms_and_sets:
        if item is None or not getattr(item, "is_bound", False):
            continue
        if hasattr(item, "management_form"):
            lines += [("", "", str(message)) for message in item.non_form_errors()]
            # A set may know which of its rows the reader sees; others do not count.
            rows = item.shown() if hasattr(item, "shown") else item.forms
            for number, form in enumerate(rows, start=1):
                lines += _error_lines(form, prefix=f"第 {number} 行 ")
        else:
            lines += _error_lines(item)
            asks_for_files |= any(isinstance(field, forms.FileField) for field in item.fields.values())
    return {"lines": lines, "asks_for_files": asks_for_files}


def _error_lines(form: forms.BaseForm, prefix: str = "") -> list[tuple[str, str, str]]:
    """(id of the control to jump to, label, message) for everything wrong with one form."""
    lines = [("", "", prefix + str(message)) for message in form.non_field_errors()]
    for bound in form:
        for message in bound.errors:
            lines.append((control_id(bound), prefix + speak(str(bound.label)).rstrip("？：:?"), str(message)))
    return lines


def control_id(bound: BoundField) -> str:
    """The id that takes the focus: a group's first choice, the visible part of a look-up, or the control."""
    if bound.is_hidden:
        return f"{bound.auto_id}_control"
    if isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return str(bound.field.widget.attrs.get("id") or bound.auto_id)


@register.inclusion_tag("components/_field.html")
def field(
    bound: BoundField, label: str = "", hint: str = "", css: str = "", hide_label: bool = False
) -> dict[str, Any]:
    """Label, hint, error and control of a form field, tied together for keyboards and screen readers."""
    widget = bound.field.widget
    help_text = speak(str(hint or bound.help_text))
    described = _described_by(bound, help_text)
    kind = _kind(widget)
    return {
        "field": bound,
        "kind": kind,
        "label": speak(str(label or bound.label)),
        "help_text": help_text,
        "described": described,
        "css": css,
        "hide_label": hide_label,
        "control": "" if kind == "group" else _control(bound, kind, described),
        "required": bound.field.required,
    }


def _described_by(bound: BoundField, help_text: str) -> str:
    """The ids of hint and error message, for aria-describedby."""
    hint = [f"{bound.auto_id}_helptext"] if help_text else []
    error = [f"{bound.auto_id}_error"] if bound.errors else []
    return " ".join(hint + error)


def _kind(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    if isinstance(widget, forms.Select):
        return "select"
    return "input"


def _control(bound: BoundField, kind: str, described: str) -> str:
    attrs: dict[str, Any] = {}
    if kind in ("input", "textarea", "select", "file"):
        own = bound.field.widget.attrs.get("class", "")
        attrs["class"] = f"{own} control".strip()
    if kind == "file":
        attrs["data-files"] = True
    if described:
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return bound.as_widget(attrs=attrs)


@register.inclusion_tag("components/_lookup.html")
def lookup(
    bound: BoundField, url: str, text: str = "", placeholder: str = "", hint: str = "", focus: bool = False
) -> dict[str, Any]:
    """A search box that fills the hidden field `bound` with what is chosen; `focus` makes it the first to type in.

    Without JavaScript the typed words arrive as `<name>_text`; `text` shows again what was chosen or typed.
    """
    help_text = hint or bound.help_text
    return {
        "field": bound,
        "url": url,
        "text": text or bound.form.data.get(f"{bound.html_name}_text", ""),
        "placeholder": placeholder,
        "help_text": help_text,
        "box": control_id(bound),
        "value": "" if bound.value() is None else bound.value(),
        "focus": focus,
        "described": _described_by(bound, help_text),
    }


@register.inclusion_tag("components/_signature.html")
def signature(bound: BoundField, label: str = "") -> dict[str, Any]:
    """A pad to sign on; the hidden field `bound` receives a PNG data URL."""
    return {"field": bound, "label": label or bound.label}
