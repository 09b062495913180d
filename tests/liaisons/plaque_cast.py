"""People, a firm and a lead cadre for the tests of plaques and of visits asked for."""

from datetime import date

from accounts.models import Official, User
from core import clock
from districts.models import Region
from enterprises.models import Enterprise, Project
from liaisons.models import Assignment, Plaque
from liaisons.services.assignments import assign
from liaisons.services.plaques import collect, mark_printed, order
from tests import factories as make


class PlaqueCast:
    """区科经局's dispatcher; 区发改委's cadre leads a firm of 大通镇; its liaison; others who may less."""

    def __init__(self, district: Region) -> None:
        self.district = district
        self.dispatcher = make.user(make.unit(district), "dispatcher", username="dispatcher")
        self.unit = make.unit(district, "fgw")
        self.official = make.official(self.unit, name="周启明", title="副主任")
        Official.objects.filter(pk=self.official.pk).update(office_phone="0562-1234567")
        self.official.refresh_from_db()
        self.cadre = make.user(self.unit, "cadre", official=self.official, username="lead")
        self.liaison = make.user(self.unit, "liaison", username="fgw")
        self.firm = self.new_firm("铜陵晨光机械有限公司")

    def new_firm(self, name: str = "", official: Official | None = None, **fields) -> Enterprise:
        """With a lead cadre."""
        firm = make.enterprise(self.district, name=name, **fields)
        self.lead(firm, official or self.official)
        return firm

    def lead(self, entry: Enterprise | Project, official: Official, **fields) -> Assignment:
        started = fields.pop("started", date(2026, 1, 5))
        return assign(by=self.dispatcher, official=official, subject=entry, started=started, **fields)

    def second_lead(self, entry: Enterprise, official: Official) -> None:
        """As the merge of two firms can leave one."""
        Assignment.objects.create(
            district=entry.district, region=entry.region, enterprise=entry, official=official,
            unit=official.posts.get().unit, started=date(2026, 2, 1), ended=date(2099, 1, 1), recorded_by=self.dispatcher,
            recorded_at=clock.now(),
        )  # fmt: skip

    def user(self, unit: str, role: str) -> User:
        return make.user(make.unit(self.district, unit), role)

    def plaque(self, entry: Enterprise | Project | None = None, upto: str = "to_print") -> Plaque:
        """In one of the states before the firm has signed."""
        found = order(by=self.dispatcher, entry=entry or self.firm)
        if upto in {"printed", "collected"}:
            mark_printed(by=self.dispatcher, plaques=[found])
        if upto == "collected":
            collect(by=self.dispatcher, plaques=[found], collected_by="钱一")
        found.refresh_from_db()
        return found
