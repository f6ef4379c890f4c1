"""Queries that are compiled once: having the ORM make a statement costs it more than running it.

Only for what pages or deliveries ask hundreds of times a minute; all else is a plain queryset.
Which these are, and what each saves, docs/decisions/2026-11-23-speed.md says. What we need of
Django's ORM and Django does not document stands here and nowhere else.
"""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection, models
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")


class Given(models.Expression):
    """Stands in a queryset for a value that is given when it runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, *_: Any, **__: Any) -> Any:
        """Return a place for the value, held by itself until then."""
        return "%s", [self]


def is_any_of(field: str, name: str) -> models.Func:
    """Return the condition that a field is one of a list of values that is given."""
    return models.Func(
        models.F(field),
        Given(name),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=models.BooleanField(),
    )


class Prepared(Generic[Row]):
    """A query with values to be given, as in ``Prepared(lambda: Pharmacy.objects.filter(…))``.

    Its rows are what the queryset's would be: instances, with what ``select_related`` names, or
    the tuples of ``values_list``. Annotations are as the driver gives them; nothing is prefetched.
    """

    def __init__(self, make: "Callable[[], models.QuerySet[Any, Row]]") -> None:
        self._make = make

    @cached_property
    def _compiled(self) -> "tuple[str, tuple[Any, ...], Callable[[list[Any]], list[Row]]]":
        queryset = self._make()
        kind: Any = queryset._iterable_class  # noqa: SLF001  documented nowhere
        assert kind in (ModelIterable, ValuesListIterable)  # noqa: S101
        self._locks = queryset.query.select_for_update
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if kind is ValuesListIterable:
            return sql, parameters, lambda rows: rows
        model, columns = compiler.klass_info["model"], compiler.klass_info["select_fields"]
        first, last = columns[0], columns[-1] + 1
        names = [column[0].target.attname for column in compiler.select[first:last]]
        annotations = [*compiler.annotation_col_map.items()]
        related = get_related_populators(  # of Django 5.2; the types are of a later one
            compiler.klass_info, compiler.select, "default"
        )  # type: ignore[call-arg]

        def instances(rows: list[Any]) -> list[Row]:
            made = []
            for row in rows:
                instance = model.from_db("default", names, row[first:last])
                for populator in related:
                    populator.populate(row, instance)
                vars(instance).update({name: row[column] for name, column in annotations})
                made.append(instance)
            return made

        return sql, parameters, instances

    def rows(self, **values: Any) -> list[Row]:
        """Run it with these values, as the database's driver takes them."""
        sql, parameters, take = self._compiled
        if self._locks and not connection.in_atomic_block:  # Django asks when it compiles
            raise TransactionManagementError("Rows are locked in a transaction only.")
        given = [values[each.name] if isinstance(each, Given) else each for each in parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return take(cursor.fetchall())

    def first(self, **values: Any) -> Row | None:
        """Run it with these values and return its first row, None if there is none."""
        return next(iter(self.rows(**values)), None)


def key_of(model: type[models.Model]) -> "models.Field[Any, Any]":
    return model._meta.pk


@cache
def _insert(model: type[models.Model]) -> tuple[str, list[str]]:
    concrete = model._meta.concrete_fields
    fields = [each for each in concrete if not isinstance(each, models.AutoField)]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    placeholders = ", ".join(["%s"] * len(fields))
    table = model._meta.db_table
    return (
        f'INSERT INTO "{table}" ({columns}) VALUES ({placeholders})',  # noqa: S608  the model's names
        [each.attname for each in fields],
    )


def insert(row: models.Model) -> None:
    """Store a new row; one whose key the database makes is not told its key.

    Every column is written, so it is not for columns whose value the database makes.
    """
    sql, names = _insert(type(row))
    with connection.cursor() as cursor:
        cursor.execute(sql, [getattr(row, name) for name in names])
    row._state.adding, row._state.db = False, connection.alias  # as Model.save does


@cache
def _update(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = {each.attname: each.column for each in model._meta.concrete_fields}
    placeholders = ", ".join(f'"{columns[name]}" = %s' for name in names)
    table, key = model._meta.db_table, key_of(model).column
    return f'UPDATE "{table}" SET {placeholders} WHERE "{key}" = %s'  # noqa: S608  the model's names


def update(row: models.Model, *names: str) -> None:
    """Store some fields of a row that is there, as ``Model.save`` with ``update_fields`` does.

    Raises:
        DatabaseError: it is not there any more.
    """
    with connection.cursor() as cursor:
        values = [getattr(row, name) for name in names]
        cursor.execute(_update(type(row), names), [*values, row.pk])
        if not cursor.rowcount:
            raise DatabaseError("Storing some fields of a row did not affect any rows.")


def delete(row: models.Model) -> None:
    """Delete a row to which no other belongs."""
    table, key = row._meta.db_table, key_of(type(row)).column
    sql = f'DELETE FROM "{table}" WHERE "{key}" = %s'  # noqa: S608  the model's names
    with connection.cursor() as cursor:
        cursor.execute(sql, [row.pk])
