from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEntry
from enterprises.models import Enterprise
from enterprises.services import change_enterprise, change_project, create_enterprise, create_project
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
