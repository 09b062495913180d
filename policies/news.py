"""宣传报道: reports about the action in papers, on air and online (row 27 of the weekly table)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.wording import spoken
from policies.checks import Errors, day_of_the_action, one_line, web_address
from policies.models import NewsItem
from policies.permissions import acts_for, may_keep

NOT_YOURS = spoken("宣传报道由报送单位的联络员、负责人和牵头局调度员登记。")
TWICE = "这个单位已经登记过这家媒体的同一篇报道。"


def record_news(
    *, by: User, unit: Unit, title: str, outlet: str, day: date, url: str = "", public: bool = True
) -> NewsItem:
    """One report by one outlet; the same text in two papers is two (篇次)."""
    if not may_keep(by) or not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    item = NewsItem(
        district=unit.district, unit=unit, title=title, outlet=outlet, url=url, public=public, recorded_by=by
    )
    item.occurred_at = item.recorded_at = clock.now()
    errors = _errors_of(item)
    try:
        item.occurred_at = day_of_the_action(day, unit.district, "刊播日期")
    except ValidationError as error:
        errors.take("day", error)
    errors.raise_any()
    _save(item)
    record(by, "news.record", item, unit=unit.pk)
    return item


@transaction.atomic
def change_news(*, by: User, item: NewsItem, title: str, outlet: str, url: str, public: bool) -> NewsItem:
    """Put right what is written about it. Unit and day stay: the weekly tables have counted them."""
    item = NewsItem.objects.select_for_update(of=("self",)).select_related("unit", "district").get(pk=item.pk)
    if not may_change(by, item):
        raise PermissionDenied(NOT_YOURS)
    item.title, item.outlet, item.url, item.public = title, outlet, url, public
    _errors_of(item).raise_any()
    _save(item)
    record(by, "news.change", item)
    return item


def may_change(user: User, item: NewsItem) -> bool:
    """For an item with its unit loaded."""
    return may_keep(user) and acts_for(user, item.unit)


def _errors_of(item: NewsItem) -> Errors:
    errors = Errors()
    item.title, item.outlet = one_line(item.title), one_line(item.outlet)
    try:
        item.url = web_address(item.url)
    except ValidationError as error:
        errors.take("url", error)
    try:
        item.clean_fields(exclude=["url"])
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            errors.take(field, ValidationError(messages))
    same = NewsItem.objects.filter(unit=item.unit, title=item.title, outlet=item.outlet)
    if same.exclude(pk=item.pk).exists():
        errors.add("title", TWICE)
    return errors


def _save(item: NewsItem) -> None:
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError:
        # Somebody else recorded the same at the same moment.
        raise ValidationError({"title": TWICE}) from None
