"""The people of an appeal's life with alike appeals to sort."""

from appeals.clusters.running import Outcome, cluster_district
from appeals.models import Appeal, Cluster, ClusterMember
from districts.models import DistrictProfile
from tests.appeals.cluster_texts import ALONE, GROUPS
from tests.appeals.lives import Cast


class ClusterCast(Cast):
    def bring(
        self, group: str, number: int | None = None, *, firm: str = "铜陵同类{n}号厂", **data
    ) -> list[Appeal]:
        """The appeals of one of the invented groups, each of another firm."""
        category, texts = GROUPS[group]
        return [
            self.submit(
                content=text, category=category, claimed_name=firm.format(n=f"{group}{n}"),
                contact_phone=f"139{n:08d}", **data,
            )
            for n, text in enumerate(texts[:number])
        ]  # fmt: skip

    def bring_alone(self) -> list[Appeal]:
        return [
            self.submit(
                content=text, category=category, claimed_name=f"铜陵单独{n}号店", contact_phone=f"138{n:08d}"
            )
            for n, (category, text) in enumerate(ALONE)
        ]

    def sort(self) -> Outcome:
        return cluster_district(self.district)

    def cluster_of(self, appeal: Appeal) -> Cluster | None:
        row = ClusterMember.objects.inside().filter(appeal=appeal).select_related("cluster__district").first()
        return row.cluster if row else None

    def cluster(self, group: str = "road", number: int | None = None) -> Cluster:
        """One group brought and sorted."""
        appeals = self.bring(group, number)
        self.sort()
        found = self.cluster_of(appeals[0])
        assert found is not None
        return found

    def kind(self) -> str:
        """A kind of event that can be planned here."""
        return DistrictProfile.objects.in_force(self.district).rules.events.kinds[0].code
