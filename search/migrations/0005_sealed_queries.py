"""Words that were searched for are sealed; counts of before can't be, so they begin anew."""

import django.db.models
from django.db import migrations, models

import kernel.sealed_text


class Migration(migrations.Migration):
    dependencies = [("search", "0004_sealed_texts")]

    operations = [
        migrations.RunSQL(
            "TRUNCATE search_querycount, search_querypair", migrations.RunSQL.noop
        ),
        migrations.RemoveConstraint(model_name="querycount", name="search_querycount_once"),
        migrations.RemoveConstraint(model_name="querypair", name="search_querypair_once"),
        *(
            migrations.AddField(
                model_name=model,
                name=name,
                field=models.CharField(max_length=64, db_collation="C", default=""),
                preserve_default=False,
            )
            for model, name in (
                ("querycount", "mark"),
                ("querypair", "before_mark"),
                ("querypair", "after_mark"),
            )
        ),
        *(
            migrations.AlterField(
                model_name=model, name=name, field=kernel.sealed_text.SealedText()
            )
            for model, name in (
                ("querycount", "query"),
                ("querypair", "before"),
                ("querypair", "after"),
            )
        ),
        migrations.AddConstraint(
            model_name="querycount",
            constraint=django.db.models.UniqueConstraint(
                fields=["platform_id", "day", "language", "mark"], name="search_querycount_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="querypair",
            constraint=django.db.models.UniqueConstraint(
                fields=["platform_id", "day", "language", "before_mark", "after_mark"],
                name="search_querypair_once",
            ),
        ),
    ]
