import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from districts.loading import LoadedProfile, RegionSpec, load_regions
from districts.models import DistrictProfile, Region
from districts.querysets import scope

pytestmark = pytest.mark.django_db
Level = Region.Level


@pytest.fixture
def regions(loaded: LoadedProfile) -> dict[str, Region]:
    return load_regions(loaded.regions)


def test_a_path_is_the_ids_from_the_root(regions: dict[str, Region]) -> None:
    anhui, tongling, jiaoqu = regions["anhui"], regions["tongling"], regions["jiaoqu"]
    assert anhui.path == f"/{anhui.pk}/"
    assert jiaoqu.path == f"/{anhui.pk}/{tongling.pk}/{jiaoqu.pk}/"
    assert Region.objects.get(pk=jiaoqu.pk).path == jiaoqu.path


def test_the_district_has_its_townships_and_its_park(regions: dict[str, Region]) -> None:
    below = Region.objects.subtree(regions["jiaoqu"]).exclude(pk=regions["jiaoqu"].pk)
    assert set(below.filter(level=Level.TOWNSHIP).values_list("name", flat=True)) == {
        "灰河乡", "大通镇", "铜山镇", "老洲乡", "陈瑶湖镇", "周潭镇", "桥南办事处", "安铜办事处",
    }  # fmt: skip
    park = below.get(level=Level.PARK)
    assert park.code is None


def test_a_sibling_with_a_longer_id_is_not_in_the_subtree() -> None:
    root = Region.objects.create(name="甲省", level=Level.PROVINCE)
    first = Region.objects.create(pk=10_017, name="甲市", level=Level.CITY, parent=root)
    longer = Region.objects.create(pk=100_170, name="乙市", level=Level.CITY, parent=root)
    child = Region.objects.create(name="丙区", level=Level.DISTRICT, parent=first)
    assert set(Region.objects.subtree(first)) == {first, child}
    assert set(Region.objects.subtree(root)) == {root, first, longer, child}
    assert first.contains(child)
    assert not first.contains(longer)


def test_codes_play_no_part_in_the_tree() -> None:
    """A township that was moved to another county keeps a code that begins like the old one's."""
    city = Region.objects.create(name="甲市", level=Level.CITY, code="340700")
    old = Region.objects.create(name="乙县", level=Level.DISTRICT, code="340722", parent=city)
    new = Region.objects.create(name="丙区", level=Level.DISTRICT, code="340711", parent=city)
    moved = Region.objects.create(name="丁镇", level=Level.TOWNSHIP, code="340722100", parent=new)
    assert moved in Region.objects.subtree(new)
    assert moved not in Region.objects.subtree(old)


def test_several_regions_may_have_no_code() -> None:
    root = Region.objects.create(name="甲区", level=Level.DISTRICT)
    for name in ("东园", "西园"):
        Region.objects.create(name=name, level=Level.PARK, parent=root)
    assert Region.objects.filter(code=None).count() == 3


def test_a_moved_region_takes_its_subtree_along(regions: dict[str, Region]) -> None:
    other = Region.objects.create(name="邻市", level=Level.CITY, parent=regions["anhui"])
    district = regions["jiaoqu"]
    size = Region.objects.subtree(district).count()
    district.parent = other
    district.save()
    assert Region.objects.subtree(other).count() == size + 1
    assert Region.objects.subtree(regions["tongling"]).count() == 1
    township = Region.objects.get(name="灰河乡")
    assert township.path == f"{other.path}{district.pk}/{township.pk}/"


def test_a_region_cannot_move_below_itself(regions: dict[str, Region]) -> None:
    regions["jiaoqu"].parent = regions["huihe"]
    with pytest.raises(ValidationError, match="上级不能是本区划"):
        regions["jiaoqu"].save()
    regions["tongling"].parent = regions["tongling"]
    with pytest.raises(ValidationError):
        regions["tongling"].save()


def test_siblings_have_different_names(regions: dict[str, Region]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.create(name="灰河乡", level=Level.TOWNSHIP, parent=regions["jiaoqu"])


def test_a_region_knows_its_district(regions: dict[str, Region]) -> None:
    assert regions["huihe"].district == regions["jiaoqu"]
    assert regions["jingkaiqu"].district == regions["jiaoqu"]
    assert regions["jiaoqu"].district == regions["jiaoqu"]
    assert regions["tongling"].district is None


def test_ancestors_run_from_the_root_down(regions: dict[str, Region]) -> None:
    names = [region.name for region in Region.objects.ancestors(regions["datong"])]
    assert names == ["安徽省", "铜陵市", "铜陵市郊区", "大通镇"]


def test_scope_sees_through_a_foreign_key(regions: dict[str, Region], loaded: LoadedProfile) -> None:
    district = regions["jiaoqu"]
    DistrictProfile.objects.create(
        district=district, effective_from="2024-02-01", data=loaded.rules.model_dump(mode="json")
    )
    seen_from = {
        key: DistrictProfile.objects.filter(scope(regions[key], "district")).count()
        for key in ("anhui", "jiaoqu", "huihe")
    }
    assert seen_from == {"anhui": 1, "jiaoqu": 1, "huihe": 0}


def test_without_a_region_nothing_is_in_scope(regions: dict[str, Region]) -> None:
    assert not Region.objects.filter(scope(None, field="")).exists()


def test_everybody_reads_the_map(regions: dict[str, Region]) -> None:
    assert Region.objects.visible_to(AnonymousUser()).count() == len(regions)


def test_loading_twice_changes_nothing(loaded: LoadedProfile, regions: dict[str, Region]) -> None:
    before = list(Region.objects.values_list())
    assert load_regions(loaded.regions) == regions
    assert list(Region.objects.values_list()) == before


def test_a_renamed_region_with_a_code_stays_the_same(
    loaded: LoadedProfile, regions: dict[str, Region]
) -> None:
    renamed = tuple(
        spec.model_copy(update={"name": "铜陵市新郊区"}) if spec.key == "jiaoqu" else spec
        for spec in loaded.regions
    )
    again = load_regions(renamed)
    assert again["jiaoqu"].pk == regions["jiaoqu"].pk
    assert Region.objects.get(code="340711").name == "铜陵市新郊区"
    assert Region.objects.count() == len(regions)


def test_a_second_district_hangs_on_the_same_province(regions: dict[str, Region]) -> None:
    load_regions(
        (
            RegionSpec(key="anhui", code="340000", name="安徽省", level="province"),
            RegionSpec(key="luan", code="341500", name="六安市", level="city", parent="anhui"),
            RegionSpec(key="yeji", code="341504", name="六安市叶集区", level="district", parent="luan"),
        )
    )
    assert Region.objects.filter(level=Level.PROVINCE).count() == 1
    assert Region.objects.subtree(regions["anhui"]).districts().count() == 2
