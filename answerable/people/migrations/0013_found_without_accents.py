"""People and organizations are found whatever the accents; the function is what all searches fold words with."""

import string

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations

import answerable.people.words

_PUNCTUATION = string.punctuation.replace("'", "''")
_BLANKS = " " * len(string.punctuation)

# Small letters without accents; what stands between words is blanks, so that no word hides in a path or an address.
_FOLD = rf"""
CREATE FUNCTION answerable_fold(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT translate(
    CASE WHEN octet_length(said) = char_length(said) THEN lower(said)
    ELSE regexp_replace(normalize(lower(said), NFKD), '[\u0300-\u036f]', '', 'g') END,
    '{_PUNCTUATION}łøđı', '{_BLANKS}lodi')
$$;
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("people", "0011_incident_until")]
    operations = [
        migrations.RunSQL(_FOLD, "DROP FUNCTION answerable_fold;"),
        AddIndexConcurrently(
            "person",
            django.contrib.postgres.indexes.GinIndex(
                answerable.people.words.FoldedWords("name", "email"), name="person_found"
            ),
        ),
        RemoveIndexConcurrently("person", "person_words"),
    ]
