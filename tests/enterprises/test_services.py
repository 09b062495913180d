from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEntry
from enterprises import history
from enterprises.models import Enterprise, RosterChange
from enterprises.services import (
    ChangedMeanwhile,
    change_enterprise,
    change_project,
    create_enterprise,
    create_project,
    fingerprint,
)
from tests import factories

CODE = "91350100M000100Y43"


def create(district, by, **fields) -> Enterprise:
    values = {
        "name": "铜陵新公司",
        "tier": "small",
        "credit_code": CODE,
        "region": factories.township(district),
    }
    return create_enterprise(by=by, **(values | fields))


def errors_of(call, *args, **kwargs) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        call(*args, **kwargs)
    return refused.value.message_dict


def test_it_creates_a_firm_and_logs_it(district, dispatcher):
    firm = create(
        district, dispatcher, name="  铜陵  新公司 ", credit_code=CODE.lower(), contact_phone="139 0000 1111"
    )
    firm.refresh_from_db()
    assert (firm.name, firm.credit_code, firm.contact_phone) == ("铜陵 新公司", CODE, "13900001111")
    assert firm.district == district
    entry = AuditEntry.objects.get(action="enterprise.create")
    assert (entry.user_id, entry.object_id) == (dispatcher.pk, str(firm.pk))


def test_a_code_belongs_to_one_firm_of_the_district(district, dispatcher):
    create(district, dispatcher)
    errors = errors_of(create, district, dispatcher, name="另一家")
    assert errors == {"credit_code": ["底册中已有这个号码，属于“铜陵新公司”。"]}


def test_a_firm_without_any_code_needs_a_reason(district, dispatcher):
    errors = errors_of(create, district, dispatcher, credit_code="")
    assert "写明代码暂缺原因" in errors["credit_code"][0]
    firm = create(district, dispatcher, credit_code="", no_code_reason="正在办理营业执照")
    assert firm.code_text == "暂缺（正在办理营业执照）"


def test_the_reason_goes_when_the_code_comes(district, dispatcher):
    firm = create(district, dispatcher, credit_code="", no_code_reason="正在办理营业执照")
    changed = change_enterprise(by=dispatcher, enterprise=firm, changes={"credit_code": CODE})
    firm.refresh_from_db()
    assert changed == ["credit_code", "no_code_reason"]
    assert (firm.credit_code, firm.no_code_reason) == (CODE, "")


def test_a_change_is_logged_by_field_names_and_never_by_content(district, dispatcher):
    firm = create(district, dispatcher)
    change_enterprise(
        by=dispatcher, enterprise=firm, changes={"contact_phone": "13900002222", "tier": "small"}
    )
    entry = AuditEntry.objects.get(action="enterprise.change")
    assert entry.data == {"fields": ["contact_phone"]}


def test_nothing_is_logged_when_nothing_changed(district, dispatcher):
    firm = create(district, dispatcher)
    assert change_enterprise(by=dispatcher, enterprise=firm, changes={"name": firm.name}) == []
    assert not AuditEntry.objects.filter(action="enterprise.change").exists()


def test_a_new_name_is_found_by_the_search(district, dispatcher):
    firm = create(district, dispatcher)
    change_enterprise(by=dispatcher, enterprise=firm, changes={"name": "𠮷祥😀商行"})
    assert list(Enterprise.objects.search("𠮷祥😀")) == [firm]


def test_a_project_has_its_name_once_in_the_district(district, dispatcher):
    region = factories.township(district)
    first = create_project(by=dispatcher, region=region, name="一期", investment=Decimal("12.5"))
    assert errors_of(create_project, by=dispatcher, region=region, name="一期") == {
        "name": ["底册中已有同名项目。"]
    }
    assert change_project(by=dispatcher, project=first, changes={"stage": "在建"}) == ["stage"]


def test_a_projects_builder_gives_its_name(district, dispatcher):
    firm = create(district, dispatcher)
    project = create_project(by=dispatcher, region=factories.township(district), name="一期", owner=firm)
    assert project.owner_name == "铜陵新公司"


# --- History --------------------------------------------------------------------------------------


def test_adding_and_changing_write_the_history(district, dispatcher):
    firm = create(district, dispatcher, contact_name="赵敏")
    change_enterprise(by=dispatcher, enterprise=firm, changes={"contact_name": "钱一", "tier": "small"})
    changed, added = RosterChange.objects.filter(enterprise=firm)
    assert (added.action, added.source, added.after["name"], added.after["region_id"]) == (
        "added", "form", "铜陵新公司", firm.region_id,
    )  # fmt: skip
    assert (changed.action, changed.before, changed.after) == (
        "changed", {"contact_name": "赵敏"}, {"contact_name": "钱一"},
    )  # fmt: skip
    assert changed.recorded_by == dispatcher


def test_leaving_the_roster_and_coming_back_are_told_apart(district, dispatcher):
    project = create_project(by=dispatcher, region=factories.township(district), name="一期")
    for active in (False, True):
        change_project(by=dispatcher, project=project, changes={"active": active})
    actions = RosterChange.objects.filter(project=project).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["added", "removed", "restored"]


# --- Two people at the same entry -----------------------------------------------------------------


def test_a_stale_save_writes_nothing_and_names_what_changed(district, dispatcher):
    firm = create(district, dispatcher, address="旧路1号")
    seen = fingerprint(firm, ["name", "address", "competent_unit"])
    change_enterprise(by=dispatcher, enterprise=firm, changes={"address": "新路2号"})
    with pytest.raises(ChangedMeanwhile) as refused:
        change_enterprise(by=dispatcher, enterprise=firm, changes={"name": "新名"}, seen=seen)
    assert refused.value.fields == ["address"] and "地址" in refused.value.messages[0]
    firm.refresh_from_db()
    assert firm.name == "铜陵新公司"
    seen = fingerprint(firm, seen)
    assert change_enterprise(by=dispatcher, enterprise=firm, changes={"name": "新名"}, seen=seen) == ["name"]


def test_an_amount_written_differently_is_the_same_amount(district, dispatcher):
    region = factories.township(district)
    project = create_project(by=dispatcher, region=region, name="一期", investment=Decimal("12.5"))
    seen = fingerprint(project, ["investment"])
    assert change_project(by=dispatcher, project=project, changes={"stage": "在建"}, seen=seen) == ["stage"]


def test_the_history_reads_in_words_and_masks_people(district, dispatcher, django_assert_max_num_queries):
    unit = factories.unit(district)
    firm = create(district, dispatcher, contact_name="赵敏", contact_phone="13900001111")
    changes = {
        "contact_name": "钱一", "contact_phone": "13800001234", "tier": "above_scale", "competent_unit": unit,
        "region": factories.township(district, "铜山镇"), "active": False,
    }  # fmt: skip
    change_enterprise(by=dispatcher, enterprise=firm, changes=changes)
    with django_assert_max_num_queries(3):
        latest, first = history.of(firm)
    said = {found.label: (found.before, found.after) for found in latest.differences}
    assert said == {
        "联系人": ("赵**", "钱**"),
        "联系电话": ("139****1111", "138****1234"),
        "层级": ("中小微企业", "四上企业"),
        "行业主管部门": ("空", unit.short_name),
        "所在乡镇办、园区": ("大通镇", "铜山镇"),
        "在册": ("是", "否"),
    }
    assert latest.get_action_display() == "退出底册" and first.get_action_display() == "入库"
