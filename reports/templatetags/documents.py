"""What pages of lower rooms show about documents: the card of an appeal, the button of a 督办单."""

from typing import Any

from django import template

from accounts.actors import Actor
from appeals.models import Appeal, SupervisionLetter
from reports.documents.issuing import documents_of, offers
from reports.documents.kinds import is_sent, may_make_of_letter
from reports.models import Document

register = template.Library()


@register.inclusion_tag("reports/_documents_of.html", takes_context=True)
def documents_of_appeal(context: template.Context, appeal: Appeal) -> dict[str, Any]:
    """The documents made of an appeal, and those the reader can make now."""
    user = context["request"].user
    made = documents_of(user, appeal)
    return {"appeal": appeal, "documents": made, "offers": offers(user, appeal, made)}


@register.inclusion_tag("reports/_document_of_letter.html", takes_context=True)
def document_of_letter(context: template.Context, letter: SupervisionLetter) -> dict[str, Any]:
    """The letter's document in force, else whether the reader can make it."""
    user = context["request"].user
    if not is_sent(letter):
        return {}
    made = Document.objects.visible_to(user).in_force().filter(letter=letter).only("pk").first()
    may_make = made is None and may_make_of_letter(Actor.of_user(user), letter)
    return {"letter": letter, "document": made, "may_make": may_make}
