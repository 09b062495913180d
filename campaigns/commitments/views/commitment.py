"""One promise or debt: its page, with everything that may be done about it now, and each of these steps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from appeals.models import Appeal, BacklogItem
from campaigns.commitments.forms import (
    ChangeCommitmentForm,
    ConfirmForm,
    CourseOfCommitmentForm,
    InstalmentForm,
    KeptForm,
    ProgressForm,
    ReasonForm,
)
from campaigns.commitments.services import commitments as services
from campaigns.commitments.services.escalation import days_late
from campaigns.commitments.services.rules import (
    answers_for,
    may_confirm,
    may_manage_one,
    may_report,
    may_work,
)
from campaigns.commitments.views.commitments import rules_of
from campaigns.models import Commitment, CommitmentEvent, Instalment
from core import clock, tokens
from core.fields import TakesErrors
from core.http import done_once, posted
from core.wording import speak
from districts.profile import Rules
from enterprises.subjects import page_of, shown_subject
from policies.claims import may_decide
from policies.models import Claim
from policies.payments import may_reverse


@dataclass(frozen=True)
class Step:
    """One line of a commitment's history."""

    label: str
    at: datetime
    by: str
    text: str
    tone: str = "done"


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> Commitment:
    related = ("district", "region", "unit", "debtor_unit", "enterprise__region", "project__region", "appeal",
               "backlog_item", "claim__policy", "claim__unit", "claim__enterprise", "claim__project", "reported_by",
               "recorded_by")  # fmt: skip
    rows = Commitment.objects.visible_to(request.user).with_money().select_related(*related)
    return get_object_or_404(rows, pk=pk)


_FORMS: dict[str, type[Any]] = {
    "progress": ProgressForm,
    "pay": InstalmentForm,
    "kept": KeptForm,
    "confirm": ConfirmForm,
    "send_back": ReasonForm,
    "broken": ReasonForm,
    "withdraw": ReasonForm,
    "restore": ReasonForm,
}


def _page(
    request: HttpRequest, commitment: Commitment, sent: dict[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    """What may be done now is what has a form."""
    user, rules = request.user, rules_of(request)
    running, reported = commitment.is_running, commitment.reported_at is not None
    manages = may_manage_one(user, commitment)
    workable = running and not reported and may_work(user, commitment)
    may = {
        "progress": running and may_work(user, commitment),
        "pay": workable
        and commitment.has_instalments
        and commitment.left != 0
        and _may_pay(user, commitment),
        "kept": may_report(user, commitment),
        "confirm": may_confirm(user, commitment),
        "send_back": commitment.awaits_confirmation and manages,
        "broken": commitment.is_overdue and manages and not commitment.is_disputed,
        "withdraw": running and manages,
        "restore": not running and manages,
    }
    today = {"token": tokens.new_token(), "day": clock.today()}
    forms = {
        name: _FORMS[name](auto_id=f"id_{name}_%s", initial=today) for name, allowed in may.items() if allowed
    }
    instalments = list(commitment.instalments.select_related("recorded_by", "payment__unit"))
    for row in instalments:
        row.may_cancel = (
            workable and not row.cancelled_at and (not row.payment or may_reverse(user, row.payment))
        )
    seen = {
        "appeal": Appeal.objects.visible_to(user).filter(pk=commitment.appeal_id),
        "backlog": BacklogItem.objects.visible_to(user).filter(pk=commitment.backlog_item_id),
        "claim": Claim.objects.visible_to(user).filter(pk=commitment.claim_id),
    }
    context = {
        "commitment": commitment,
        "rules": rules.commitments,
        "forms": forms | (sent or {}),
        "steps": _steps(commitment),
        "instalments": instalments,
        "escalations": list(commitment.escalations.all()),
        "days_late": days_late(commitment.due_on, clock.today(), rules) if commitment.is_overdue else 0,
        "may_change": running and manages,
        "may_plan": workable,
        "may_publish": manages and commitment.kind == "promise" and commitment.state != "withdrawn",
        "next": _who_next(commitment, rules),
        "is_responsible": answers_for(user, commitment),
        "subject_url": page_of(commitment.subject, user) if commitment.subject else "",
        "seen": {name: rows.exists() for name, rows in seen.items()},
    }
    return render(request, "campaigns/commitments/commitment.html", context, status=status)


def _may_pay(user: User, commitment: Commitment) -> bool:
    """What is paid on a claim is recorded by the unit that pays it."""
    return commitment.claim is None or may_decide(user, commitment.claim)


def _who_next(commitment: Commitment, rules: Rules) -> str:
    """Whose turn it is, in words."""
    if not commitment.is_running:
        return ""
    if commitment.reported_at:
        who = speak("确认单位或牵头局") if rules.commitments.confirming else speak("牵头局")
        return f"等{who}核实确认，报送人自己不能确认。"
    if commitment.is_disputed:
        return f"{commitment.unit}按法律途径推进，{commitment.due_on:%Y-%m-%d} 前跟进一次。"
    if commitment.is_overdue:
        return f"{commitment.unit}抓紧兑现并报送；确实不能兑现的，由牵头单位认定。"
    return f"{commitment.unit}在 {commitment.due_on:%Y-%m-%d} 前兑现并报送。"


def _steps(commitment: Commitment) -> list[Step]:
    """The latest first."""
    kinds = CommitmentEvent.Kind
    warned = {kinds.SENT_BACK, kinds.BROKEN, kinds.WITHDRAWN, kinds.CANCELLED, kinds.ESCALATED}
    steps = []
    for event in commitment.events.select_related("by", "unit").order_by("-seq"):
        lines = [event.text] if event.text else []
        lines += [
            f"{one['title']}：{one['before'] or '（空）'} → {one['after'] or '（空）'}"
            for one in event.changes
        ]
        label = event.get_kind_display()
        if event.day and event.day != clock.local_date(event.at):
            label = f"{label}（{event.day:%Y-%m-%d}）"
        by = f"{event.unit} {event.by}" if event.unit else str(event.by)
        steps.append(Step(label, event.at, by, "\n".join(lines), "warn" if event.kind in warned else "done"))
    return steps


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    commitment = _found(request, pk)
    if not may_manage_one(request.user, commitment):
        raise PermissionDenied(services.WHO_MANAGES)
    form = ChangeCommitmentForm(
        posted(request),
        commitment=commitment,
        user=request.user,
        rules=rules_of(request),
        initial={"token": tokens.new_token()},
    )

    def put_right(data: dict[str, Any]) -> int:
        return services.change_commitment(by=request.user, commitment=commitment, promise=form.promise()).pk

    if _once(request, form, "change", pk, put_right):
        return _saved(request, pk, "已保存。")
    context = {"form": form, "commitment": commitment, "shown": shown_subject(form)}
    return render(
        request, "campaigns/commitments/commitment_change.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def set_course(request: HttpRequest, pk: int) -> HttpResponse:
    commitment = _found(request, pk)
    if not may_work(request.user, commitment):
        raise PermissionDenied(services.WHO_WORKS)
    form = CourseOfCommitmentForm(
        posted(request),
        commitment=commitment,
        user=request.user,
        rules=rules_of(request),
        initial={"token": tokens.new_token()},
    )

    def adjust(data: dict[str, Any]) -> int:
        return services.set_course(
            by=request.user, commitment=commitment, course=form.course(), reason=data.get("reason", "")
        ).pk

    if _once(request, form, "course", pk, adjust):
        return _saved(request, pk, "分类和方案已保存。")
    context = {"form": form, "commitment": commitment}
    return render(
        request, "campaigns/commitments/commitment_course.html", context, status=422 if form.errors else 200
    )


# What is done on the commitment's own page: who may, the service, its fields, and what is said afterwards.
_ACTS: dict[str, tuple[Callable[..., Any], tuple[str, ...], str]] = {
    "progress": (services.add_progress, ("text", "day"), "进展已记录。"),
    "pay": (services.pay_instalment, ("amount", "day", "voucher", "received"), "付款已登记。"),
    "kept": (services.report_kept, ("result", "evidence"), "已报送，等待核实确认。"),
    "confirm": (services.confirm_kept, ("note",), "已确认兑现。"),
    "send_back": (services.send_back, ("reason",), "已退回，责任单位会收到通知。"),
    "broken": (services.find_broken, ("reason",), "已认定为未兑现，责任单位会收到通知。"),
    "withdraw": (services.withdraw, ("reason",), "已撤销，记录保留。"),
    "restore": (services.restore, ("reason",), "已恢复。"),
}


@require_POST
def act(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step on the commitment's page; what is wrong is said there."""
    commitment = _found(request, pk)
    service, fields, said = _ACTS[step]
    _refuse_stranger(request, commitment, step)
    form = _FORMS[step](request.POST, auto_id=f"id_{step}_%s")

    def do(data: dict[str, Any]) -> int:
        given = {name: data[name] for name in fields}
        return service(by=request.user, commitment=commitment, **given).pk

    if _once(request, form, step, pk, do):
        return _saved(request, pk, said)
    return _page(request, _found(request, pk), {step: form}, status=422)


def _refuse_stranger(request: HttpRequest, commitment: Commitment, step: str) -> None:
    """Who may not at all is told so before the form is read; when it cannot be done now, the service says."""
    user = request.user
    match step:
        case "progress" | "pay":
            allowed, words = may_work(user, commitment), services.WHO_WORKS
        case "kept":
            allowed, words = answers_for(user, commitment), services.WHO_REPORTS
        case _:
            allowed, words = may_manage_one(user, commitment), services.WHO_MANAGES
    if not allowed:
        raise PermissionDenied(words)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first: which payment is cancelled, and why."""
    rows = Instalment.objects.visible_to(request.user).select_related(
        "commitment__unit", "commitment__claim", "payment__unit", "recorded_by"
    )
    instalment = get_object_or_404(rows, pk=pk)
    commitment = instalment.commitment
    if not may_work(request.user, commitment):
        raise PermissionDenied(services.WHO_WORKS)
    form = ReasonForm(posted(request), initial={"token": tokens.new_token()})

    def cancel(data: dict[str, Any]) -> int:
        return services.cancel_instalment(by=request.user, instalment=instalment, reason=data["reason"]).pk

    if _once(request, form, "cancel", pk, cancel):
        return _saved(request, commitment.pk, "这笔付款已作废。")
    context = {"form": form, "instalment": instalment, "commitment": commitment}
    return render(
        request, "campaigns/commitments/instalment_cancel.html", context, status=422 if form.errors else 200
    )


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Onto the public page, or off it (``off=1``)."""
    commitment = _found(request, pk)
    off = bool(request.POST.get("off"))
    try:
        (services.hide if off else services.publish)(by=request.user, commitment=commitment)
    except ValidationError as error:
        messages.warning(request, "；".join(error.messages))
    else:
        messages.success(request, "已从公开页面撤下。" if off else "已对外公开，兑现情况随之公开。")
    return redirect("campaigns:commitment", pk)


def _once(
    request: HttpRequest, form: TakesErrors, what: str, pk: int, do: Callable[[dict[str, Any]], int]
) -> str:
    return done_once(request, form, f"commitment:{what}:{pk}", do, draft=f"commitment-{what}-{pk}")


def _saved(request: HttpRequest, pk: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("campaigns:commitment", pk)
