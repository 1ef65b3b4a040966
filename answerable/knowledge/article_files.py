"""Pictures and attachments of articles. Their bytes lie in a folder of their own: what no request uses is taken away
from the other one.
"""

from django.db import models
from django.db.models import Q

from answerable.people.models import Person


class ArticleFile(models.Model):
    """A file of an article, by the name that its text calls it by (`file:NAME`).

    Nothing is deleted: what was removed keeps its row and its bytes, for the revisions that name it.
    """

    article = models.ForeignKey("knowledge.Article", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("article", "name", condition=Q(removed_at=None), name="article_file_name_once")
        ]

    def __str__(self) -> str:
        return self.name
