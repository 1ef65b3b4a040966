"""The words by which people are found: those of the name, and the parts of the address."""

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func


class Words(Func):
    """Of (name, address), as an index of earlier versions had them: a migration names it."""

    template = "to_tsvector('simple'::regconfig, translate(%(expressions)s, '@.-_+''', '      '))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class FoldedWords(Words):
    """The same without accents. An index holds the very same expression."""

    template = "to_tsvector('simple'::regconfig, answerable_fold(%(expressions)s))"
