"""From each page to its place in the manual."""

from django.urls import reverse

INDEX = ""
"""The manual's first page, for pages that are no chapter's."""

# Of each room, in the order in which they are tried: the first whose word is in the page's name tells the chapter
# of the manual (portal/manual.py) that explains it; the last of each room, without a word, the rest.
CHAPTERS_OF: dict[str, tuple[tuple[str, str], ...]] = {
    "appeals": (
        ("backlog", "backlog"), ("cluster", "clusters"), ("improvement", "clusters"), ("take_on", "clusters"),
        ("revisit", "revisits"), ("supervis", "supervision"), ("letter", "supervision"),
        ("refusals", "requests"), ("register", "registering"), ("provincial", "provincial"), ("", "flow"),
    ),
    "campaigns": (
        ("commitment", "commitments"), ("instalment", "commitments"),
        ("needs", "needs"), ("opening", "needs"), ("seeker", "needs"), ("financing", "needs"),
        ("confirm_list", "needs"), ("round", "needs"), ("dispatch", "needs"), ("placement", "needs"),
        ("recommend", "needs"), ("survey", "satisfaction"), ("satisfaction", "satisfaction"),
        ("rating", "satisfaction"), ("conduct", "satisfaction"),
        ("rota", "rotas"), ("duty", "rotas"), ("sitting", "rotas"), ("window", "rotas"),
        ("knowledge", "rotas"), ("training", "rotas"), ("policy_officer", "rotas"), ("visit_sheet", "rotas"),
        ("", "campaigns"),
    ),
    "enterprises": (("grade", "grades"), ("inspection", "grades"), ("", "roster")),
    "imports": (("", "roster"),),
    "liaisons": (
        ("officer", "officers"), ("plaque", "plaques"), ("assign", "assignments"), ("hand", "assignments"),
        ("coverage", "assignments"), ("share", "assignments"), ("kind", "assignments"), ("", "visits"),
    ),
    "notifications": (("", "notices"),),
    "policies": (("", "policies"),),
    "portal": (
        ("setup", "golive"), ("event", "events"), ("attendance", "events"), ("visit", "visits"),
        ("sitting", "visits"), ("enterprise", "roster"), ("project", "roster"), ("password", "trouble"),
        ("", INDEX),
    ),
    "reports": (
        ("cluster_report", "clusters"), ("statistics", "statistics"), ("indicators", "statistics"),
        ("case", "typical-cases"), ("bulletin", "bulletins"), ("assessment", "bulletins"),
        ("document", "documents"), ("ledger", "ledgers"), ("export", "ledgers"), ("", "weekly"),
    ),
    "": (("", "trouble"),),
}  # fmt: skip


def chapter_for(view_name: str) -> str:
    """The code of the chapter that explains the page of this name in the URL configuration."""
    room, _, page = view_name.rpartition(":")
    return next(chapter for word, chapter in CHAPTERS_OF.get(room, CHAPTERS_OF[""]) if word in page)


def help_url(view_name: str) -> str:
    """Where the page of this name is explained."""
    chapter = chapter_for(view_name)
    return reverse("portal:manual_chapter", args=[chapter]) if chapter else reverse("portal:manual")
