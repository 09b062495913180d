"""The manual's workflow is the table that the portal runs on."""

from accounts.models import Role
from appeals.workflow import TRANSITIONS
from tests import factories


def test_the_manual_shows_every_transition_with_who_and_whither(client, district):
    client.force_login(factories.user(factories.unit(district), Role.DISPATCHER))
    answer = client.get("/manual/")
    assert answer.status_code == 200
    text = answer.content.decode()
    rows = text.split('id="workflow"')[1].split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    assert len(rows) == len(TRANSITIONS)
    for row, transition in zip(rows, TRANSITIONS.values(), strict=True):
        assert f">{transition.label}</td>" in row and transition.who_label in row
        assert all(source in row for source in transition.source_labels)
        assert (str(transition.target.label) if transition.target else "不变") in row


def test_the_manual_speaks_to_every_role(client, district):
    client.force_login(factories.user(factories.unit(district), Role.WINDOW))
    text = client.get("/manual/").content.decode()
    for role in ("联企干部", "服务窗口", "单位联络员", "调度员", "牵头局负责人", "区领导", "督查"):
        assert role in text
