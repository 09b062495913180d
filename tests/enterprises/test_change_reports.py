"""What cadres and firms report, and the bureau's decision: services and pages."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from core import clock
from enterprises.change_reports import accept, refuse, report
from enterprises.models import ChangeReport, Project, RosterChange
from liaisons.models import Assignment
from notifications.models import Notice
from tests import factories


@pytest.fixture
def firm(district):
    return factories.enterprise(
        district, name="铜陵旧名有限公司", address="旧路1号", contact_phone="13900001111"
    )


@pytest.fixture
def cadre(district, firm, dispatcher):
    """Of another township, and looking after the firm."""
    elsewhere = factories.township(district, "铜山镇")
    unit = type(dispatcher.unit).objects.filter(district=district, region=elsewhere).first()
    person = factories.official(unit, name="孙干部")
    Assignment.objects.create(
        district=district, region=firm.region, official=person, unit=unit, enterprise=firm,
        started=clock.today(), recorded_by=dispatcher, recorded_at=clock.now(),
    )  # fmt: skip
    return factories.user(unit, "cadre", official=person)


def reported(firm, by=None, **changes) -> ChangeReport:
    return report(entry=firm, changes=changes or {"address": "新路2号"}, note="", by=by)


def test_a_report_changes_nothing_and_tells_the_dispatcher(firm, cadre, dispatcher):
    found = reported(firm, cadre, address=" 新路２号 ", contact_phone="138 0000 1234", contact_name="")
    firm.refresh_from_db()
    assert firm.address == "旧路1号"
    assert found.changes == {"address": "新路２号", "contact_phone": "13800001234"}
    assert (found.source, found.state, found.unit) == ("cadre", "open", cadre.unit)
    notice = Notice.objects.get(recipient=dispatcher)
    assert firm.name in notice.title and "联系电话" in notice.body and "13800001234" not in notice.body


def test_a_firm_reports_by_its_plaque(firm):
    found = report(
        entry=firm, changes={"closed": True}, note="已搬走", contact_name="赵敏", contact_phone="13800001234"
    )
    assert (found.source, found.reported_by, found.changes) == ("plaque", None, {"closed": True})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contact_phone": "12"}, "contact_phone"),
        ({"name": "长" * 121}, "name"),
        ({"main_products": "长" * 201}, "main_products"),
    ],
)
def test_what_the_roster_would_refuse_is_refused_at_once(firm, cadre, changes, field):
    with pytest.raises(ValidationError) as refused:
        reported(firm, cadre, **changes)
    assert field in refused.value.message_dict


@pytest.mark.parametrize("changes", [{"tier": "small"}, {"credit_code": "x"}, {"active": False}])
def test_other_fields_are_not_reportable(firm, cadre, changes):
    with pytest.raises(ValidationError):
        reported(firm, cadre, **changes)


def test_nothing_new_is_no_report_and_the_same_thing_waits_once(firm, cadre):
    with pytest.raises(ValidationError, match="发生变化"):
        reported(firm, cadre, address="旧路1号", contact_name=" ")
    reported(firm, cadre)
    with pytest.raises(ValidationError, match="已经收到"):
        reported(firm)
    assert report(entry=firm, changes={}, note="门口在修路", by=cadre).note == "门口在修路"


def test_a_projects_new_name_must_be_free(district, dispatcher):
    first, second = factories.project(district, name="一期"), factories.project(district, name="二期")
    with pytest.raises(ValidationError) as refused:
        reported(second, dispatcher, name=first.name)
    assert "同名项目" in refused.value.message_dict["name"][0]


def test_only_what_was_chosen_is_written_with_its_source(firm, cadre, dispatcher):
    found = reported(firm, cadre, address="新路2号", contact_phone="13800001234")
    accept(by=dispatcher, report=found, fields=["address"])
    firm.refresh_from_db()
    assert (firm.address, firm.contact_phone) == ("新路2号", "13900001111")
    change = RosterChange.objects.get()
    assert (change.source, change.before, change.after) == (
        "report", {"address": "旧路1号"}, {"address": "新路2号"},
    )  # fmt: skip
    found.refresh_from_db()
    assert (found.state, found.decided_by, found.answer) == ("accepted", dispatcher, "采纳：地址。")
    assert "已采纳" in Notice.objects.get(recipient=cadre).title


def test_a_firm_that_closed_leaves_the_roster(firm, dispatcher):
    accept(by=dispatcher, report=reported(firm, closed=True), fields=["closed"])
    firm.refresh_from_db()
    assert not firm.active
    assert RosterChange.objects.get().action == "removed"


def test_a_refusal_needs_a_reason_and_reaches_the_reporter(firm, cadre, dispatcher):
    found = reported(firm, cadre)
    with pytest.raises(ValidationError):
        refuse(by=dispatcher, report=found, answer=" ")
    refuse(by=dispatcher, report=found, answer="电话核实未搬迁")
    firm.refresh_from_db()
    assert firm.address == "旧路1号"
    assert Notice.objects.get(recipient=cadre).body == "电话核实未搬迁"


def test_a_second_decision_is_refused(firm, dispatcher):
    found = reported(firm)
    refuse(by=dispatcher, report=found, answer="不实")
    with pytest.raises(ValidationError, match="已经审核过"):
        accept(by=dispatcher, report=found, fields=["address"])
    with pytest.raises(ValidationError, match="已经审核过"):
        refuse(by=dispatcher, report=found, answer="再说一遍")


def test_none_chosen_is_no_acceptance(firm, dispatcher):
    found = reported(firm)
    with pytest.raises(ValidationError):
        accept(by=dispatcher, report=found, fields=["tier"])
    assert ChangeReport.objects.open().count() == 1


def test_accepting_checks_the_roster_as_it_is_then(district, dispatcher):
    project = factories.project(district, name="一期")
    found = reported(project, name="二期")
    factories.project(district, name="二期")
    with pytest.raises(ValidationError):
        accept(by=dispatcher, report=found, fields=["name"])
    assert Project.objects.filter(name="一期").exists() and ChangeReport.objects.open().count() == 1


@pytest.mark.parametrize("role", ["cadre", "liaison", "bureau_leader", "supervisor", "admin"])
def test_nobody_but_a_dispatcher_decides(district, firm, role):
    found = reported(firm)
    by = factories.user(factories.unit(district), role)
    with pytest.raises(PermissionDenied):
        accept(by=by, report=found, fields=["address"])
    with pytest.raises(PermissionDenied):
        refuse(by=by, report=found, answer="不实")


def test_who_does_not_see_the_firm_cannot_report(district, firm, cadre):
    other = factories.enterprise(district)
    with pytest.raises(PermissionDenied):
        reported(other, cadre)


# --- Pages ----------------------------------------------------------------------------------------


def test_a_cadre_reports_once_however_often_it_is_sent(client, firm, cadre):
    client.force_login(cadre)
    address = reverse("enterprises:report_change", args=[firm.pk])
    page = client.get(address)
    assert "139****1111" in page.content.decode() and "13900001111" not in page.content.decode()
    data = {"token": page.context["form"]["token"].value(), "address": "新路2号"}
    for _ in range(2):
        assert client.post(address, data)["Location"] == reverse("portal:enterprise", args=[firm.pk])
    assert ChangeReport.objects.count() == 1
    # The browser forgets what it kept of the form with the next page.
    shown = client.get(reverse("portal:enterprise", args=[firm.pk])).content.decode()
    assert f'<meta name="draft-clear" content="change-enterprise-{firm.pk}">' in shown


def test_a_wrong_phone_is_said_beside_it_and_the_rest_stays(client, firm, cadre):
    client.force_login(cadre)
    address = reverse("enterprises:report_change", args=[firm.pk])
    answer = client.post(address, {"contact_phone": "12", "address": "新路2号"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "电话号码不正确" in page and "新路2号" in page
    assert client.post(address, {}).status_code == 422


def test_a_project_has_a_form_of_its_own(client, district, dispatcher):
    project = factories.project(district)
    client.force_login(dispatcher)
    address = reverse("enterprises:report_project_change", args=[project.pk])
    assert "法定代表人" not in client.get(address).content.decode()
    assert client.post(address, {"address": "新路2号"}).status_code == 302


def test_the_desk_shows_what_waits_and_filters(client, district, firm, dispatcher):
    waiting, done = reported(firm), reported(firm, address="三路3号")
    refuse(by=dispatcher, report=done, answer="不实")
    client.force_login(dispatcher)

    def shown(**query):
        return list(client.get(reverse("enterprises:change_reports"), query).context["page"].object_list)

    assert shown() == [waiting]
    assert shown(state="refused") == [done]
    assert shown(state="all", source="plaque") == [done, waiting]
    assert shown(region=factories.township(district, "铜山镇").pk) == []


def test_the_decision_shows_now_and_proposed_in_full_and_logs_who_looked(client, firm, dispatcher):
    found = reported(firm, contact_phone="13800001234")
    client.force_login(dispatcher)
    address = reverse("enterprises:change_report", args=[found.pk])
    page = client.get(address).content.decode()
    assert "13900001111" in page and "13800001234" in page
    assert AuditEntry.objects.filter(action="change_report.shown", object_id=str(found.pk)).exists()
    data = {"decision": "accept", "fields_chosen": ["contact_phone"]}
    assert client.post(address, data).status_code == 302
    firm.refresh_from_db()
    assert firm.contact_phone == "13800001234"
    again = client.post(address, data)
    assert again.status_code == 422 and "已经审核过" in again.content.decode()


def test_the_reporter_reads_the_outcome_masked_and_strangers_do_not(client, district, firm, cadre):
    found = reported(firm, cadre, contact_phone="13800001234")
    address = reverse("enterprises:change_report", args=[found.pk])
    client.force_login(cadre)
    page = client.get(address).content.decode()
    assert "138****1234" in page and "13800001234" not in page and "13900001111" not in page
    assert client.post(address, {"decision": "accept"}).status_code == 403
    far = factories.user(cadre.unit, "liaison")
    client.force_login(far)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "data", [{}, {"decision": "x"}, {"decision": "accept"}, {"decision": "refuse"},
             {"decision": "accept", "fields_chosen": ["tier"]}],
)  # fmt: skip
def test_an_incomplete_decision_is_explained(client, firm, dispatcher, data):
    client.force_login(dispatcher)
    address = reverse("enterprises:change_report", args=[reported(firm).pk])
    assert client.post(address, data).status_code == 422
    assert ChangeReport.objects.open().count() == 1


def test_the_desk_costs_the_same_for_many_rows(client, district, dispatcher, django_assert_max_num_queries):
    client.force_login(dispatcher)
    for _ in range(26):
        reported(factories.enterprise(district), dispatcher, address="新路2号")
    client.get(reverse("enterprises:change_reports"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("enterprises:change_reports"))
    assert len(page.context["page"].object_list) == 25
