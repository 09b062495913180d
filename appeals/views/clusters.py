"""共性问题: the list, one kind with its figures and examples, what is put right, and topics for the next talk."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import FilteredRelation, OuterRef, Q, Subquery
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.models import User
from appeals.clusters import correcting, topics
from appeals.clusters.figures import (
    by_month,
    by_region,
    by_unit,
    effect_chart,
    effect_of,
    figures,
    trend_chart,
)
from appeals.clusters.filters import ClusterFilter, members_of, trend_of
from appeals.clusters.forms import MergeForm, NumberForm, ReasonForm, TitleForm, TokenForm
from appeals.clusters.permissions import BUREAU, has_a_part, may_correct, may_manage, may_take_on
from appeals.clusters.querysets import ClusterQuerySet
from appeals.models import Appeal, Cluster, ClusterMember, ClusterRun, ClusterTopic
from core import clock, tokens
from core.paging import WindowPaginator
from core.wording import spoken
from core.xlsx import download, text_workbook
from districts.models import DistrictProfile
from districts.profile import Rules
from liaisons.models import ServiceEvent
from liaisons.permissions import may_plan_events

PER_PAGE = 30
EXAMPLES = 3
MOST_EXPORTED = 5_000
NOT_YOURS = spoken("共性问题由牵头局、各单位、督查和区领导查看。")
HEADERS = (
    "名称", "关键词", "典型诉求", "类别", "件数", "未办结", "近期新增", "此前同期", "走势", "首次反映", "最近反映",
    "改进牵头单位", "改进状态", "完成时限",
)  # fmt: skip
WIDTHS = (30, 30, 50, 14, 8, 8, 10, 10, 10, 12, 12, 16, 12, 12)


def _refuse_stranger(request: HttpRequest) -> None:
    if not has_a_part(request.user):
        raise PermissionDenied(NOT_YOURS)


def rules_of(request: HttpRequest) -> Rules:
    return DistrictProfile.objects.in_force(request.user.unit.district).rules


def _visible(request: HttpRequest, rules: Rules) -> ClusterQuerySet:
    _refuse_stranger(request)
    return Cluster.objects.visible_to(request.user).with_figures(rules.clusters.growth_days)


def _label(clusters: list[Any], rules: Rules, user: User) -> None:
    """What a row shows besides its figures: who improves it, and what one of the firms says. One query.

    The words alone can be read in several ways; an example is told as far as the reader may see the appeal.
    """
    typical = ClusterMember.objects.examples().filter(
        cluster=OuterRef("pk"), appeal__in=Appeal.objects.visible_to(user).order_by().values("pk")
    )
    rows = Cluster.objects.filter(pk__in=[row.pk for row in clusters]).annotate(
        task=FilteredRelation("improvements", condition=~Q(improvements__state="given_up")),
        example=Subquery(typical.values("appeal__title")[:1]),
    )
    # The last of several stands.
    labels = {row.pk: row for row in rows.select_related("task__unit").order_by("pk", "task__pk")}
    for cluster in clusters:
        # A night's run may have dropped it in between; and there is no ``task`` where nobody has one.
        label = labels.get(cluster.pk)
        cluster.category_label = rules.label("categories", cluster.category)
        cluster.trend = trend_of(cluster)
        cluster.improvement, cluster.example = getattr(label, "task", None), getattr(label, "example", "")


# --- The list -------------------------------------------------------------------------------------


@require_safe
def cluster_list(request: HttpRequest) -> HttpResponse:
    _refuse_stranger(request)
    rules = rules_of(request)
    filterset = ClusterFilter(request.GET, _visible(request, rules), rules=rules)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    _label(list(page.object_list), rules, request.user)
    context = {
        "filterset": filterset,
        "page": page,
        "section": rules.clusters,
        "run": ClusterRun.objects.filter(district=request.user.unit.district, ran_at__isnull=False).first(),
        "watches": request.user.has_role(*BUREAU),
    }
    return render(request, "appeals/clusters.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list in Excel; who took it is on record."""
    _refuse_stranger(request)
    rules = rules_of(request)
    found = list(ClusterFilter(request.GET, _visible(request, rules), rules=rules).qs[:MOST_EXPORTED])
    _label(found, rules, request.user)
    audit.record(request.user, "clusters.exported", rows=len(found))
    content = text_workbook(
        title="共性问题", headers=HEADERS, rows=(_row(one) for one in found), widths=WIDTHS
    )
    return download(content, f"共性问题-{clock.today():%Y%m%d}.xlsx")


def _row(one: Any) -> list[str]:
    days = [f"{clock.local_date(at):%Y-%m-%d}" if at else "" for at in (one.first_at, one.last_at)]
    task = one.improvement
    taken = [str(task.unit), task.get_state_display(), f"{task.due_on:%Y-%m-%d}"] if task else ["", "", ""]
    numbers = [str(number) for number in (one.size, one.open, one.recent, one.before)]
    words = "、".join(one.words)
    return [one.title, words, one.example or "", one.category_label, *numbers, one.trend, *days, *taken]


# --- One kind -------------------------------------------------------------------------------------


def found_or_404(request: HttpRequest, pk: int) -> Cluster:
    rows = Cluster.objects.visible_to(request.user).select_related("district", "merged_into")
    return get_object_or_404(rows, pk=pk)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    cluster = found_or_404(request, pk)
    if cluster.merged_into_id:
        return redirect("appeals:cluster", cluster.merged_into_id)
    return _page(request, cluster)


_FORMS: dict[str, type[Any]] = {
    "rename": TitleForm,
    "put_in": NumberForm,
    "merge": MergeForm,
    "dismiss": ReasonForm,
    "restore": TokenForm,
}


def _form(name: str, request: HttpRequest, cluster: Cluster, data: Any = None) -> Form:
    more: dict[str, Any] = {"auto_id": f"id_{name}_%s", "initial": {"token": tokens.new_token()}}
    if name == "put_in":
        more["user"] = request.user
    if name == "merge":
        more |= {"user": request.user, "cluster": cluster}
    if name == "rename":
        more["initial"]["title"] = cluster.title
    return _FORMS[name](data, **more)


def _page(
    request: HttpRequest, cluster: Cluster, sent: dict[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    """What may be done now is what has a form."""
    user = request.user
    rules = rules_of(request)
    manages, corrects = may_manage(user, cluster), may_correct(user, cluster)
    may = {
        "rename": corrects,
        "put_in": corrects and cluster.is_active,
        "merge": manages and cluster.is_active,
        "dismiss": manages and cluster.is_active,
        "restore": manages and not cluster.is_active,
    }
    forms = {name: _form(name, request, cluster) for name, allowed in may.items() if allowed}
    counted = figures(cluster)
    seen = members_of(cluster).visible_to(user).inside()
    months = by_month(cluster)
    improvements = list(cluster.improvements.select_related("unit", "policy", "cluster").order_by("-pk")[:10])
    for one in improvements:
        one.effect = effect_of(one)
    done = next((one for one in improvements if one.effect), None)
    live = any(one.is_live for one in improvements)
    context = {
        "cluster": cluster,
        "category": rules.label("categories", cluster.category),
        "figures": counted,
        "months": months[::-1],
        "chart": effect_chart(months, done.effective_on)
        if done and done.effective_on
        else trend_chart(months),
        "examples": list(seen.examples()[:EXAMPLES]),
        "seen": seen.count(),
        "units": by_unit(cluster),
        "regions": by_region(cluster),
        "improvements": improvements,
        "may_take_on": not live and may_take_on(user, cluster),
        "manages": manages,
        "may_plan": may_plan_events(user) and cluster.is_active,
        "talk_kind": topics.talk_kind(rules),
        "events": _events(request, cluster),
        "forms": forms | (sent or {}),
        "merged": cluster.merged.order_by("pk"),
    }
    return render(request, "appeals/cluster.html", context, status=status)


def _events(request: HttpRequest, cluster: Cluster) -> list[ServiceEvent]:
    """Where it was, or is to be, talked about."""
    chosen = ClusterTopic.objects.filter(cluster=cluster).values("event")
    return list(ServiceEvent.objects.visible_to(request.user).filter(pk__in=chosen).order_by("-starts_at"))


@require_safe
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """The appeals of a kind, as far as the reader sees them; with ``?out=1`` those that were put out."""
    cluster = found_or_404(request, pk)
    if cluster.merged_into_id:
        return redirect("appeals:cluster_members", cluster.merged_into_id)
    out = request.GET.get("out") == "1"
    rows = members_of(cluster).visible_to(request.user)
    rows = rows.filter(how=ClusterMember.How.EXCLUDED) if out else rows.inside()
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    total = cluster.members.filter(how=ClusterMember.How.EXCLUDED) if out else cluster.members.inside()
    hidden = total.count() - rows.count()
    excluded = members_of(cluster).visible_to(request.user).filter(how=ClusterMember.How.EXCLUDED).count()
    tabs = [
        {"label": "归入的诉求", "url": request.path, "current": not out},
        {"label": "不属此类", "url": f"{request.path}?out=1", "current": out, "count": excluded},
    ]
    context = {
        "cluster": cluster,
        "page": page,
        "hidden": hidden,
        "tabs": tabs,
        "out": out,
        "corrects": may_correct(request.user, cluster),
        "token": tokens.new_token(),
    }
    return render(request, "appeals/cluster_members.html", context)


# --- Put right ------------------------------------------------------------------------------------


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One correction from the page of the kind; what is wrong is said there."""
    cluster = found_or_404(request, pk)
    if action not in _FORMS:
        raise Http404
    _refuse_helpless(request, cluster, action)
    form: Any = _form(action, request, cluster, request.POST)
    if form.is_valid():
        what, said = _carrying_out(request, cluster, action, form)
        if result := done(request, form, f"{action}:{pk}", what):
            messages.success(request, said)
            return redirect("appeals:cluster", int(result))
    return _page(request, found_or_404(request, pk), {action: form}, status=422)


def _refuse_helpless(request: HttpRequest, cluster: Cluster, action: str) -> None:
    corrects = action in {"rename", "put_in"}
    if corrects and not may_correct(request.user, cluster):
        raise PermissionDenied(correcting.WHO_CORRECTS)
    if not corrects and not may_manage(request.user, cluster):
        raise PermissionDenied(correcting.WHO_MANAGES)


def _carrying_out(
    request: HttpRequest, cluster: Cluster, action: str, form: Any
) -> tuple[Callable[[], int], str]:
    """The service of an action, and what is said when it is done."""
    by, data = request.user, form.cleaned_data
    match action:
        case "rename":
            return lambda: correcting.rename(by=by, cluster=cluster, title=data["title"]).pk, "名称已保存。"
        case "put_in":
            appeal = form.appeal()
            return lambda: correcting.put_in(by=by, cluster=cluster, appeal=appeal).pk, "已归入。"
        case "merge":
            into = data["into"]
            return lambda: correcting.merge(by=by, cluster=cluster, into=into).pk, f"已并入“{into.title}”。"
        case "dismiss":
            reason = data["reason"]
            return (
                lambda: correcting.dismiss(by=by, cluster=cluster, reason=reason).pk,
                "已不作专题，新的同类诉求不再提示。",
            )
    return lambda: correcting.restore(by=by, cluster=cluster).pk, "已恢复。"


@require_POST
def put_out(request: HttpRequest, pk: int) -> HttpResponse:
    """不属此类, from the list of the appeals; ``back`` takes it back."""
    cluster = found_or_404(request, pk)
    if not may_correct(request.user, cluster):
        raise PermissionDenied(correcting.WHO_CORRECTS)
    number = request.POST.get("number", "").replace("\0", "")[:30]
    appeal = get_object_or_404(
        Appeal.objects.visible_to(request.user).select_related("district"), number=number
    )
    back = request.POST.get("back") == "1"
    key = f"cluster:out:{pk}:{number}:{back}:{request.user.pk}:{request.POST.get('token', '')}"
    try:
        if back:
            tokens.once(key, lambda: correcting.put_in(by=request.user, cluster=cluster, appeal=appeal).pk)
        else:
            tokens.once(key, lambda: correcting.put_out(by=request.user, cluster=cluster, appeal=appeal).pk)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        said = "已重新归入。" if back else "已移出，以后的归类会记住“不属此类”。"
        messages.success(request, f"{number}：{said}")
    return redirect("appeals:cluster_members", pk)


# --- Topics ---------------------------------------------------------------------------------------


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    """恳谈会议题建议: what to talk about next, and why."""
    _refuse_stranger(request)
    rules = rules_of(request)
    planned = [
        {"month": month, "topic": topic, "kind_label": rules.label("event_kinds", topic.kind)}
        for month, topic in topics.planned_topics(rules, clock.today())
    ]
    context = {
        "suggestions": topics.suggestions(request.user, rules),
        "planned": planned,
        "section": rules.clusters,
        "may_plan": may_plan_events(request.user),
        "talk_kind": topics.talk_kind(rules),
    }
    return render(request, "appeals/cluster_topics.html", context)


# --- Carrying out ---------------------------------------------------------------------------------


def done(request: HttpRequest, form: Any, what: str, do: Callable[[], int]) -> str:
    """The result, also of the same form sent before; "" if it was refused."""
    key = f"cluster:{what}:{request.user.pk}:{form.cleaned_data['token'] or tokens.new_token()}"
    try:
        return tokens.once(key, do)
    except ValidationError as error:
        form.take_errors(error)
        return ""
