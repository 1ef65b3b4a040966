import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('knowledge', '0003_article_files'),
    ]

    operations = [
        migrations.CreateModel(
            name='Known',
            fields=[
                ('pk', models.CompositePrimaryKey('audience', 'locale', 'word', blank=True, editable=False, primary_key=True, serialize=False)),
                ('audience', models.CharField(db_collation='C', max_length=16)),
                ('locale', models.CharField(db_collation='C', max_length=8)),
                ('word', models.CharField(db_collation='C', max_length=64)),
                ('documents', models.IntegerField()),
            ],
        ),
        # With its references from the start: the key names one of them.
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('pk', models.CompositePrimaryKey('translation_id', 'word', blank=True, editable=False, primary_key=True, serialize=False)),
                ('audience', models.CharField(db_collation='C', max_length=16)),
                ('locale', models.CharField(db_collation='C', max_length=8)),
                ('word', models.CharField(db_collation='C', max_length=64)),
                ('weight', models.FloatField()),
                ('article', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.article')),
                ('translation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='knowledge.translation')),
            ],
            options={
                'indexes': [models.Index(fields=['audience', 'locale', 'word', '-weight'], include=('translation', 'article'), name='posting_by_word')],
            },
        ),
        migrations.RemoveIndex(
            model_name='translation',
            name='article_words',
        ),
        migrations.RemoveField(
            model_name='translation',
            name='words',
        ),
    ]
