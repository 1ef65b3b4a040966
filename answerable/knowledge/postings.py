"""The words of what is published, kept so that finding articles costs the same however many there are.

A posting says how much a word says of a text (`weight`, of that text alone). They lie by audience, then by word, the
heaviest first: a search reads the beginning of a few such lists, and never of an audience that its reader isn't in.
The vocabulary counts the texts of each audience that have a word: rare words tell more. Nobody is told what it says of
an audience that they don't wholly read.
"""

from django.db import models

LONGEST = 64


class Posting(models.Model):
    """One word (its stem) of one published text. Audience and language are those of its article and translation."""

    pk = models.CompositePrimaryKey("translation_id", "word")
    translation = models.ForeignKey("knowledge.Translation", on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(
        "knowledge.Article", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    audience = models.CharField(max_length=16, db_collation="C")
    locale = models.CharField(max_length=8, db_collation="C")
    word = models.CharField(max_length=LONGEST, db_collation="C")
    weight = models.FloatField()

    class Meta:
        indexes = [
            models.Index(
                fields=["audience", "locale", "word", "-weight"],
                include=["translation", "article"],
                name="posting_by_word",
            )
        ]

    def __str__(self) -> str:
        return f"{self.word} in {self.translation_id}"


class Known(models.Model):
    """How many published texts of an audience have a word; the word "" counts all of them."""

    pk = models.CompositePrimaryKey("audience", "locale", "word")
    audience = models.CharField(max_length=16, db_collation="C")
    locale = models.CharField(max_length=8, db_collation="C")
    word = models.CharField(max_length=LONGEST, db_collation="C")
    documents = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.word}: {self.documents}"
