"""Who may assign cadres to firms, record visits, run events, keep liaison officers, and deal with opinions."""

from django.db.models import Q, QuerySet

from accounts.models import Post, Role, Unit, User
from core import clock
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.querysets import DISTRICT_WIDE
from liaisons.models import Assignment, EventTask, Opinion, Plaque, ServiceEvent, VisitPlan, VisitRequest

ASSIGNING = (Role.DISPATCHER, Role.LIAISON)
LEADING = (Role.LIAISON, Role.UNIT_LEADER)
VISITING = (Role.CADRE, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER)
OVERSEEING_EVENTS = (Role.DISPATCHER, Role.BUREAU_LEADER)
SUPERVISING = (Role.DISPATCHER, Role.BUREAU_LEADER, Role.SUPERVISOR)


def may_assign(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*ASSIGNING)


def units_to_assign(user: User) -> QuerySet[Unit]:
    """Whose cadres the user assigns: the district's for the dispatcher, the own unit's for a liaison."""
    if not may_assign(user):
        return Unit.objects.none()
    units = Unit.objects.visible_to(user)
    if user.has_role(Role.DISPATCHER):
        return units
    return units.filter(Q(pk=user.unit_id) | Q(parent=user.unit_id))


def may_end(user: User, assignment: Assignment) -> bool:
    """For an assignment the user sees, with its unit loaded."""
    if not may_assign(user):
        return False
    if user.has_role(Role.DISPATCHER):
        return True
    return user.unit_id in {assignment.unit_id, assignment.unit.parent_id}


def may_plan(user: User, held: Assignment | VisitPlan) -> bool:
    """Plan visits to a firm: the cadre who looks after it, and whoever assigns the cadre; with the unit loaded."""
    if user.official_id is not None and user.official_id == held.official_id:
        return may_record_visit(user)
    if not may_assign(user):
        return False
    return user.has_role(Role.DISPATCHER) or user.unit_id in {held.unit_id, held.unit.parent_id}


def may_see_coverage(user: User) -> bool:
    """Whoever oversees the district or a unit; cadres see their own firms instead."""
    return user.unit_id is not None and user.has_role(*DISTRICT_WIDE, *LEADING)


def may_supervise(user: User, rules: Rules | None = None) -> bool:
    """Write a letter to a unit that is slow, about an appeal or about visits: the lead bureau and 督查."""
    if user.unit is None or not user.has_role(*SUPERVISING):
        return False
    rules = rules or DistrictProfile.objects.in_force(user.unit.district).rules
    who = {rules.lead_bureau: (Role.DISPATCHER, Role.BUREAU_LEADER), rules.supervisor: (Role.SUPERVISOR,)}
    return user.has_role(*who.get(user.unit.code, ()))


def may_record_visit(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*VISITING)


# --- Events ---------------------------------------------------------------------------------------


def may_plan_events(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*OVERSEEING_EVENTS, *LEADING)


def organisers(user: User) -> QuerySet[Unit]:
    """The units whose events the user plans: the district's for the bureau, the own and those below else."""
    if user.unit is None or not may_plan_events(user):
        return Unit.objects.none()
    units = Unit.objects.of_district(user.unit.district).active()
    if user.has_role(*OVERSEEING_EVENTS):
        return units
    return units.filter(Q(pk=user.unit_id) | Q(parent=user.unit_id))


def may_organise(user: User, event: ServiceEvent) -> bool:
    """Change, announce, cancel and record an event, with its organiser loaded."""
    if user.unit is None or user.unit.district_id != event.district_id or not may_plan_events(user):
        return False
    if user.has_role(*OVERSEEING_EVENTS):
        return True
    return user.unit_id in {event.organiser_id, event.organiser.parent_id}


def may_complete(user: User, task: EventTask) -> bool:
    """A decision is carried out, and reported, by the unit it was given to."""
    return user.unit_id == task.unit_id and user.has_role(*LEADING, *OVERSEEING_EVENTS)


# --- Liaison officers -----------------------------------------------------------------------------


def may_keep_officers(user: User) -> bool:
    """附件2 is kept by the units themselves, and by the dispatcher for all of them."""
    return user.unit_id is not None and user.has_role(Role.DISPATCHER, *LEADING)


def units_to_keep(user: User) -> QuerySet[Unit]:
    """Whose officers the user appoints: the district's for the dispatcher, the own and those below else."""
    if user.unit is None or not may_keep_officers(user):
        return Unit.objects.none()
    units = Unit.objects.of_district(user.unit.district).active()
    if user.has_role(Role.DISPATCHER):
        return units
    return units.filter(Q(pk=user.unit_id) | Q(parent=user.unit_id))


def may_keep(user: User, unit: Unit) -> bool:
    if user.unit is None or user.unit.district_id != unit.district_id or not may_keep_officers(user):
        return False
    return user.has_role(Role.DISPATCHER) or user.unit_id in {unit.pk, unit.parent_id}


def may_take_away(user: User) -> bool:
    """Whose sheet and printed page show the mobile numbers in full; each is on record."""
    return user.unit_id is not None and user.has_role(Role.DISPATCHER)


# --- Opinions -------------------------------------------------------------------------------------

HEARING = (Role.CADRE, Role.WINDOW, Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER, Role.BUREAU_LEADER)
ANSWERING = (Role.LIAISON, Role.UNIT_LEADER, Role.DISPATCHER, Role.BUREAU_LEADER)


def may_record_opinion(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*HEARING)


def may_pass_on(user: User, opinion: Opinion) -> bool:
    """Whoever recorded it, the unit that heard it and the dispatcher, as long as nobody has answered."""
    if user.unit is None or user.unit.district_id != opinion.district_id or opinion.answered_at:
        return False
    if user.has_role(Role.DISPATCHER):
        return True
    if opinion.recorded_by_id == user.pk and may_record_opinion(user):
        return True
    return user.has_role(*ANSWERING) and user.unit_id in {opinion.unit_id, opinion.unit.parent_id}


def may_answer(user: User, opinion: Opinion) -> bool:
    """The unit that holds it, or the one above (a window answers through its office)."""
    if user.unit_id is None or opinion.answered_at or not user.has_role(*ANSWERING):
        return False
    return user.unit_id in {opinion.holder.pk, opinion.holder.parent_id}


# --- Plaques and visits asked for -----------------------------------------------------------------


def may_keep_plaques(user: User) -> bool:
    """Orders, prints, hands out, replaces, revokes: “到区科经局领取新的公示牌”."""
    return user.unit_id is not None and user.has_role(Role.DISPATCHER)


def may_sign_plaque(user: User, plaque: Plaque) -> bool:
    """Records that the firm signed for a plaque the user sees: its cadre, the liaison of his unit, the bureau."""
    if may_keep_plaques(user):
        return True
    if user.official_id and user.official_id == plaque.official_id:
        return True
    held = Post.objects.held_on(clock.today()).filter(official=plaque.official_id, unit=user.unit_id)
    return user.has_role(Role.LIAISON) and held.exists()


def may_settle_request(user: User, request: VisitRequest) -> bool:
    """Answers a request the user sees, and so calls the firm: its cadres, their liaisons, the bureau."""
    if user.unit_id is None:
        return False
    if user.has_role(Role.DISPATCHER):
        return True
    own = Q(official=user.official_id) if user.official_id else Q(pk__in=[])
    if user.has_role(Role.LIAISON):
        own |= Q(unit=user.unit_id)
    assignments = Assignment.objects.in_force().filter(
        enterprise=request.enterprise_id, project=request.project_id
    )
    return assignments.filter(own).exists()
