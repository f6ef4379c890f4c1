"""What Django does not document stands in few modules: a step to its next version begins there.

docs/decisions/2026-11-23-speed.md says why each is needed, and which queries are compiled once.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from pharmrefer.local import ROOT
from tests.house.figures import Module, modules

PAGE = (ROOT / "docs/decisions/2026-11-23-speed.md").read_text()

# What we import, as found in Django 5.2's reference, guides or release notes. Whoever imports
# something else looks there first.
DOCUMENTED = {
    "django": "forms",
    "django.conf": "settings",
    "django.contrib.auth.base_user": "AbstractBaseUser",
    "django.contrib.auth.hashers": "Argon2PasswordHasher check_password make_password",
    "django.contrib.auth.password_validation": "CommonPasswordValidator validate_password",
    "django.contrib.postgres.expressions": "ArraySubquery",
    "django.contrib.postgres.fields": "ArrayField",
    "django.contrib.postgres.indexes": "GistIndex",
    "django.core": "signing",
    "django.core.exceptions": "FieldDoesNotExist ImproperlyConfigured NON_FIELD_ERRORS "
    "PermissionDenied RequestDataTooBig ValidationError",
    "django.core.files.uploadedfile": "UploadedFile",
    "django.core.mail": "EmailMessage get_connection",
    "django.core.mail.backends": "smtp",
    "django.core.management": "execute_from_command_line",
    "django.core.management.base": "BaseCommand CommandError CommandParser",
    "django.core.management.commands": "migrate",
    "django.core.paginator": "Page Paginator",
    "django.core.validators": "EmailValidator MaxLengthValidator RegexValidator",
    "django.core.wsgi": "get_wsgi_application",
    "django.db": "DatabaseError IntegrityError InterfaceError OperationalError "
    "close_old_connections connection models transaction",
    "django.db.models": "Case Count Exists F Func Max Min OuterRef Q QuerySet Subquery Value When "
    "Window",
    "django.db.models.functions": "Cast Coalesce Concat Extract Greatest Lag Lower Now Replace "
    "TruncDate Upper",
    "django.db.transaction": "TransactionManagementError",
    "django.forms": "Form",
    "django.forms.utils": "ErrorList",
    "django.http": "Http404 HttpRequest HttpResponse HttpResponseRedirect JsonResponse QueryDict",
    "django.middleware.csrf": "get_token",
    "django.shortcuts": "get_object_or_404 redirect render",
    "django.template.loader": "render_to_string",
    "django.templatetags.static": "static",
    "django.urls": "NoReverseMatch Resolver404 ResolverMatch include path resolve reverse",
    "django.utils": "timezone",
    "django.utils.functional": "SimpleLazyObject cached_property",
    "django.utils.html": "format_html",
    "django.utils.http": "url_has_allowed_host_and_scheme",
    "django.utils.module_loading": "import_string",
    "django.utils.safestring": "mark_safe",
    "django.views.decorators.csrf": "csrf_exempt",
    "django.views.decorators.http": "require_POST require_http_methods require_safe",
}
# Of what these are, only this is documented.
PARTS = {
    "connection": {"alias", "close", "cursor"},
    "query": set[str](),
    "_meta": {"concrete_fields", "db_table", "get_field", "get_fields"},
    "_state": {"adding", "db"},
}
# The last ones are Python's.
PRIVATE = {"_base_manager", "_meta", "_state", "_asdict", "_exit", "_make", "_replace", "_value_"}


class Use(NamedTuple):
    """A module with names that Django does not document, and the test of what must hold there."""

    test: str
    names: set[str]


USES = {
    "accounts.prepared": Use(
        "tests/accounts/test_prepared.py",
        {
            "django.db.models.query.ModelIterable",
            "django.db.models.query.ValuesListIterable",
            "django.db.models.query.get_related_populators",
            "_iterable_class",
            "_meta.pk",
            "connection.in_atomic_block",
            "query.get_compiler",
            "query.select_for_update",
        },
    ),
    "accounts.smtp": Use("tests/accounts/test_mail.py", {"_send"}),
    "accounts.web.cookies": Use(
        "tests/accounts/sign_in/views/test_confirm.py", {"django.middleware.csrf.rotate_token"}
    ),
    "pharmrefer.ready": Use(
        "tests/pharmrefer/test_health.py",
        {
            "django.db.migrations.loader.MigrationLoader",
            "django.db.migrations.recorder.MigrationRecorder",
        },
    ),
    "pharmrefer.postgres.base": Use(
        "tests/pharmrefer/test_postgres.py",
        {"django.db.backends.postgresql.base", "django.db.utils.DatabaseErrorWrapper"},
    ),
}


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield what is imported from Django and not documented."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names if each.name.startswith("django."))
    elif isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "django":
        known = DOCUMENTED.get(str(node.module), "").split()
        yield from (f"{node.module}.{each.name}" for each in node.names if each.name not in known)


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _asked_for(node: ast.AST, own: set[str]) -> Iterator[str]:
    """Yield what an attribute asks for: a part of Django's, or what is private and not ours."""
    if not isinstance(node, ast.Attribute):
        return
    whole, part = _name_of(node.value), node.attr
    is_own = whole in own or (whole == "query" and isinstance(node.value, ast.Name))
    if whole in PARTS and not is_own and part not in PARTS[whole]:
        yield f"{whole}.{part}"
    is_private = part.startswith("_") and not part.endswith("__")
    if is_private and whole not in {"self", "cls"} and part not in PRIVATE:
        yield part


def undocumented(module: Module) -> set[str]:
    nodes = list(ast.walk(module.tree))
    is_djangos = "connection" in {
        each.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "django.db"
        for each in node.names
    }
    own = set() if is_djangos else {"connection"}  # another kind of connection
    return {name for node in nodes for name in (*_imported(node), *_asked_for(node, own))}


def test_what_django_does_not_document_stands_in_few_modules() -> None:
    found = {name: undocumented(module) for name, module in modules().items()}
    assert {name: names for name, names in found.items() if names} == {
        name: use.names for name, use in USES.items()
    }


def test_each_of_these_modules_has_its_test_and_its_reason() -> None:
    for name, use in USES.items():
        assert (ROOT / use.test).exists(), use.test
        assert re.search(rf"^\| `{name}` \|.*\| `{use.test}` \|$", PAGE, re.MULTILINE), name


def test_a_name_that_is_not_documented_is_found() -> None:
    source = """
from django.db import connection
from django.db.models.sql import Query
from django.http import HttpRequest
import django.db.backends.utils
found.query.get_compiler(using="default")
row._meta.pk, row._meta.db_table, row._state.fields_cache, row._state.db
connection.ops.quote_name("id"), connection.cursor()
field._get_default(), super()._send(), self._own, row._replace(), row.__dict__
"""
    assert undocumented(Module("any", False, source, ast.parse(source))) == {
        "django.db.models.sql.Query",
        "django.db.backends.utils",
        "query.get_compiler",
        "_meta.pk",
        "_state.fields_cache",
        "connection.ops",
        "_get_default",
        "_send",
    }


def _compiled_once() -> set[str]:
    """Return the names of the queries that are compiled once, with their modules."""
    return {
        f"{module.name}.{_name_of(node.targets[0])}"
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and _name_of(node.value.func) == "Prepared"
    }


def test_each_query_that_is_compiled_once_is_asked_often_enough() -> None:
    listed = re.findall(r"^\| `([\w.]+\.[A-Z_]+)` \|", PAGE, re.MULTILINE)
    assert set(listed) == _compiled_once()
