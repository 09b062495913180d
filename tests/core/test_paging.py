import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import paging
from core.models import Heartbeat
from core.paging import WindowPaginator


def test_a_list_is_paged_and_counted():
    page = WindowPaginator(range(30), 25).get_page("2")
    assert list(page.object_list) == [25, 26, 27, 28, 29]
    assert page.total_label == "30"


def test_beyond_the_window_nobody_counts_further():
    page = WindowPaginator(range(10_001), 25).get_page(9999)
    assert page.total_label == "10,000+"
    assert page.number == page.paginator.num_pages == 400
    assert not page.has_next()


@pytest.mark.django_db
def test_a_queryset_is_counted_up_to_the_window_only(monkeypatch):
    monkeypatch.setattr(paging, "WINDOW", 3)
    Heartbeat.objects.bulk_create(Heartbeat(name=str(number), at=timezone.now()) for number in range(5))
    paginator = WindowPaginator(Heartbeat.objects.order_by("name"), 2)
    with CaptureQueriesContext(connection) as asked:
        assert paginator.count == 3
        assert paginator.is_capped
        assert paginator.count == 3
    assert len(asked) == 1
    assert "LIMIT 4" in asked[0]["sql"]
    assert "ORDER BY" not in asked[0]["sql"]


def test_an_empty_list_has_one_empty_page():
    page = WindowPaginator([], 25).get_page("x")
    assert (page.number, page.total_label, list(page.object_list)) == (1, "0", [])
