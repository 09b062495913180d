"""The district's own words: what one calls 联企干部 another calls 包联干部.

Templates, labels and messages are written in one district's words, those of the glossary. Where a district says
otherwise, its profile has a line in [words], and what *we* wrote is spoken that way: the text of templates by the
loader below, the texts in code because they are marked: `spoken` where they stand as constants, `speak` where they are
put together. What *people* wrote is never touched. Whose words: `districts.words.of` says, around whatever works for a
district.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.template import Template
from django.template.base import TextNode
from django.template.context import Context
from django.template.loaders import cached

TERMS = ("联企干部", "包保联系", "包保", "牵头局", "乡镇办", "底册", "公示牌", "助企服务日")
"""The words a district may have its own for; a longer one goes before what it begins with."""
_TERM = re.compile(f"(?<!警企)(?:{'|'.join(TERMS)})")
"""警企包保 is another thing, with a name of its own."""

Words = Mapping[str, str]

_words: ContextVar[Callable[[], Words] | None] = ContextVar("words", default=None)


@contextmanager
def speaking(words: Callable[[], Words]) -> Iterator[None]:
    """Within, `speak` uses these words; they are asked for only when one of the terms is met."""
    token = _words.set(words)
    try:
        yield
    finally:
        _words.reset(token)


def speak(text: str) -> str:
    """Our own text in the words of the district it is shown to."""
    words = _words.get()
    if words is None or not _TERM.search(text):
        return text
    own = words()
    return (
        _TERM.sub(lambda term: _fitted(own.get(term[0], term[0]), text[: term.start()]), text)
        if own
        else text
    )


def _fitted(word: str, before: str) -> str:
    """Without what stands before it already: 企业底册 becomes 企业信息库, not 企业企业信息库."""
    overlap = next((size for size in range(len(word) - 1, 1, -1) if before.endswith(word[:size])), 0)
    return word[overlap:]


class Spoken(str):
    """A text of ours that holds a term: as it was written to the program, in the district's words to whoever reads it.

    Templates, f-strings, messages and errors all ask for ``str(...)`` or ``format(...)``, which is the moment it is
    shown. What is written to a sheet or as JSON asks for neither: there it is asked for by hand.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return speak(super().__str__())

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def spoken(text: str) -> str:
    """Marks a constant, as Django's ``gettext_lazy`` does."""
    return Spoken(text)


def written(text: str) -> str:
    """As it was written to the program: what a marked constant is made of goes into another one unspoken."""
    return str.__str__(text)


class SpokenText(TextNode):
    """The text between the tags of a template, where it holds a term."""

    def render(self, context: Context) -> str:
        return speak(self.s)

    render_annotated = render


class Loader(cached.Loader):
    """Django's, but for templates whose text holds a term: that text is spoken when the page is shown."""

    def get_template(self, template_name: str, skip: list | None = None) -> Template:
        template = super().get_template(template_name, skip)
        if not getattr(template, "is_spoken", False):
            for node in template.nodelist.get_nodes_by_type(TextNode):
                if isinstance(node, TextNode) and _TERM.search(node.s):
                    node.__class__ = SpokenText
            template.is_spoken = True  # type: ignore[attr-defined]
        return template
