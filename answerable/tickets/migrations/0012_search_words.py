"""Documents for the search, and the triggers that keep them (decision 0041).

Tickets that are there get theirs later, a few at a time (`casework.jobs.read_words`): nobody waits for an upgrade.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

_WORDS = """
CREATE FUNCTION answerable_words(said text, weight "char") RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('simple'::regconfig, left(answerable_fold(left(coalesce(said, ''), 100000)), 100000)), weight)
$$;
"""

# `most` letters of replies, the latest first, and half as many of notes: a tsvector has room for a megabyte.
_INDEX = """
CREATE FUNCTION answerable_index_most(pk bigint, most integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  about record; said text; files text; noted text; held text; open_words tsvector;
BEGIN
  SELECT subject, array_to_string(tags, ' ') AS tags INTO about FROM tickets_ticket WHERE id = pk;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT string_agg(left(coalesce(nullif(new_text, ''), text), 50000), E' \\n ' ORDER BY id DESC) INTO said
    FROM tickets_reply WHERE ticket_id = pk;
  SELECT string_agg(name, ' ' ORDER BY id DESC) INTO files FROM tickets_attachment WHERE ticket_id = pk;
  SELECT string_agg(left(text, 50000), E' \\n ' ORDER BY id DESC) INTO noted FROM tickets_note WHERE ticket_id = pk;
  SELECT string_agg(left(concat_ws(E' \\n ', sender, sender_name, text, file_names::text), 50000), E' \\n ' ORDER BY id DESC)
    INTO held FROM tickets_held WHERE ticket_id = pk;
  open_words := array_to_tsvector(ARRAY['~' || (pk >> 14)])
    || answerable_words(left(about.subject, most), 'A')
    || answerable_words(left(files, most / 4), 'B')
    || answerable_words(left(said, most), 'C');
  INSERT INTO tickets_publicwords AS d (ticket_id, words) VALUES (pk, open_words)
    ON CONFLICT (ticket_id) DO UPDATE SET words = EXCLUDED.words WHERE d.words <> EXCLUDED.words;
  IF noted IS NULL AND held IS NULL AND about.tags = '' THEN
    DELETE FROM tickets_internalwords WHERE ticket_id = pk;
  ELSE
    INSERT INTO tickets_internalwords AS d (ticket_id, words) VALUES (pk, open_words
        || answerable_words(left(about.tags, most / 4), 'B')
        || answerable_words(left(noted, most / 2), 'D') || answerable_words(left(held, most / 2), 'D'))
      ON CONFLICT (ticket_id) DO UPDATE SET words = EXCLUDED.words WHERE d.words <> EXCLUDED.words;
  END IF;
END $$;
CREATE FUNCTION answerable_index(pk bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM answerable_index_most(pk, 100000);
EXCEPTION WHEN program_limit_exceeded THEN
  PERFORM answerable_index_most(pk, 20000);
END $$;
"""

# What is added is added to the document; where there is none, or no room, it is made anew. What changes makes it anew.
# What came by mail is only noted: reading it takes as long as the rest of the message, and nobody waits for it there.
_TRIGGERS = """
CREATE FUNCTION answerable_words_more(pk bigint, said tsvector, inside boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT inside THEN
    UPDATE tickets_publicwords SET words = words || said WHERE ticket_id = pk;
  END IF;
  UPDATE tickets_internalwords SET words = words || said WHERE ticket_id = pk;
EXCEPTION WHEN program_limit_exceeded THEN
  PERFORM answerable_index(pk);
END $$;

CREATE FUNCTION answerable_words_replied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM tickets_publicwords WHERE ticket_id = NEW.ticket_id) THEN
    PERFORM answerable_words_more(NEW.ticket_id,
      answerable_words(coalesce(nullif(NEW.new_text, ''), NEW.text), 'C') || answerable_words(
        (SELECT string_agg(name, ' ') FROM tickets_attachment WHERE reply_id = NEW.id), 'B'), false);
  ELSE
    PERFORM answerable_index(NEW.ticket_id);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION answerable_words_attached() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- As a rule its reply came in the same statement and has brought the name along.
  IF NOT EXISTS (SELECT FROM tickets_publicwords WHERE ticket_id = NEW.ticket_id
      AND words @@ phraseto_tsquery('simple', answerable_fold(NEW.name))) THEN
    PERFORM answerable_words_more(NEW.ticket_id, answerable_words(NEW.name, 'B'), false);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION answerable_words_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM tickets_internalwords WHERE ticket_id = NEW.ticket_id) THEN
    PERFORM answerable_words_more(NEW.ticket_id, answerable_words(NEW.text, 'D'), true);
  ELSE
    PERFORM answerable_index(NEW.ticket_id);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION answerable_words_later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever reads it takes the row away: touched again, it stays until this transaction is there to be read.
  INSERT INTO tickets_wanted (ticket_id) VALUES (NEW.ticket_id)
    ON CONFLICT (ticket_id) DO UPDATE SET ticket_id = EXCLUDED.ticket_id;
  RETURN NULL;
END $$;
CREATE FUNCTION answerable_words_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- As a rule its first message came in the same statement and brings the subject along.
  IF NOT EXISTS (SELECT FROM tickets_reply WHERE ticket_id = NEW.id) THEN
    PERFORM answerable_index(NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION answerable_words_retitled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM answerable_index(NEW.id);
  RETURN NULL;
END $$;
CREATE FUNCTION answerable_words_retold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM answerable_index(NEW.ticket_id);
  RETURN NULL;
END $$;
CREATE FUNCTION answerable_words_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM answerable_index(OLD.ticket_id);
  IF TG_OP = 'UPDATE' AND NEW.ticket_id <> OLD.ticket_id THEN
    PERFORM answerable_index(NEW.ticket_id);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER words_mailed AFTER INSERT ON tickets_reply
  FOR EACH ROW WHEN (NEW.channel = 'mail') EXECUTE FUNCTION answerable_words_later();
CREATE TRIGGER words_opened AFTER INSERT ON tickets_ticket
  FOR EACH ROW WHEN (NEW.channel <> 'mail') EXECUTE FUNCTION answerable_words_opened();
CREATE TRIGGER words_retitled AFTER UPDATE OF subject, tags ON tickets_ticket FOR EACH ROW
  WHEN (OLD.subject IS DISTINCT FROM NEW.subject OR OLD.tags IS DISTINCT FROM NEW.tags)
  EXECUTE FUNCTION answerable_words_retitled();
CREATE TRIGGER words_replied AFTER INSERT ON tickets_reply
  FOR EACH ROW WHEN (NEW.channel <> 'mail') EXECUTE FUNCTION answerable_words_replied();
CREATE TRIGGER words_attached AFTER INSERT ON tickets_attachment
  FOR EACH ROW EXECUTE FUNCTION answerable_words_attached();
CREATE TRIGGER words_noted AFTER INSERT ON tickets_note
  FOR EACH ROW EXECUTE FUNCTION answerable_words_noted();
CREATE TRIGGER words_held AFTER INSERT ON tickets_held
  FOR EACH ROW EXECUTE FUNCTION answerable_words_retold();
CREATE TRIGGER words_changed AFTER UPDATE OF text, new_text, ticket_id ON tickets_reply FOR EACH ROW
  WHEN ((OLD.text, OLD.new_text, OLD.ticket_id) IS DISTINCT FROM (NEW.text, NEW.new_text, NEW.ticket_id))
  EXECUTE FUNCTION answerable_words_anew();
CREATE TRIGGER words_changed AFTER UPDATE OF name, ticket_id ON tickets_attachment FOR EACH ROW
  WHEN ((OLD.name, OLD.ticket_id) IS DISTINCT FROM (NEW.name, NEW.ticket_id))
  EXECUTE FUNCTION answerable_words_anew();
CREATE TRIGGER words_changed AFTER UPDATE OF text, ticket_id ON tickets_note FOR EACH ROW
  WHEN ((OLD.text, OLD.ticket_id) IS DISTINCT FROM (NEW.text, NEW.ticket_id))
  EXECUTE FUNCTION answerable_words_anew();
CREATE TRIGGER words_changed AFTER UPDATE ON tickets_held FOR EACH ROW
  WHEN ((OLD.sender, OLD.sender_name, OLD.text, OLD.file_names, OLD.ticket_id)
    IS DISTINCT FROM (NEW.sender, NEW.sender_name, NEW.text, NEW.file_names, NEW.ticket_id))
  EXECUTE FUNCTION answerable_words_anew();
""" + "".join(
    f"CREATE TRIGGER words_gone AFTER DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION answerable_words_anew();\n"
    for table in ("tickets_reply", "tickets_attachment", "tickets_note", "tickets_held")
)
_BACKWARD = """
DROP FUNCTION answerable_words_later, answerable_words_opened, answerable_words_retitled, answerable_words_replied, answerable_words_attached,
  answerable_words_noted, answerable_words_retold, answerable_words_anew CASCADE;
DROP FUNCTION answerable_words_more, answerable_index, answerable_index_most, answerable_words(text, "char");
"""
_LEFT = """
INSERT INTO tickets_unread (below, first) SELECT max(id) + 1, max(id) + 1 FROM tickets_ticket HAVING max(id) IS NOT NULL;
"""


def _words(name, index):
    ticket = models.OneToOneField(
        db_constraint=False,
        on_delete=django.db.models.deletion.CASCADE,
        primary_key=True,
        related_name="+",
        serialize=False,
        to="tickets.ticket",
    )
    return migrations.CreateModel(
        name=name,
        fields=[("ticket", ticket), ("words", django.contrib.postgres.search.SearchVectorField())],
        options={
            "verbose_name_plural": f"{index.partition('_')[0]} words",
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(fields=["words"], gin_pending_list_limit=256, name=index)
            ],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("tickets", "0011_bulk_runs"), ("people", "0013_found_without_accents")]
    operations = [
        _words("PublicWords", "public_words"),
        _words("InternalWords", "internal_words"),
        migrations.CreateModel(
            name="Unread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("below", models.BigIntegerField()),
                ("first", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "unread"},
        ),
        migrations.CreateModel(
            name="Wanted",
            fields=[("ticket_id", models.BigIntegerField(primary_key=True, serialize=False))],
            options={"verbose_name_plural": "wanted"},
        ),
        migrations.RunSQL(_WORDS + _INDEX, migrations.RunSQL.noop),
        migrations.RunSQL(_TRIGGERS, _BACKWARD),
        migrations.RunSQL(_LEFT, migrations.RunSQL.noop),
    ]
