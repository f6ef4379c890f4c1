"""``python -m pharmrefer.create_database``: both roles and the database, once per installation.

Needs three addresses and no other setting. It may run again, and then sets both passwords anew.
"""

import sys

import psycopg
from django.core.exceptions import ImproperlyConfigured

from pharmrefer import env
from pharmrefer.provision import Login, login, provision


def _role(name: str) -> tuple[Login, str]:
    url = env.required(name, "as in postgresql://role:password@host/pharmrefer.")
    parts = env.database(url, name, limits={})
    if not parts["PASSWORD"]:
        raise ImproperlyConfigured(f"{name} has no password: the role is created with it.")
    return Login(parts["USER"], parts["PASSWORD"]), parts["NAME"]


def create() -> str:
    """Create what is missing; return what is there now, in words.

    Raises:
        ImproperlyConfigured: an address is missing, weak, or does not fit the others.
        psycopg.Error: the server does not answer, or refuses.
    """
    admin = env.required(
        "DATABASE_ADMIN_URL", "give the address of a role that may create roles and databases."
    )
    env.database(admin, "DATABASE_ADMIN_URL", limits={})
    owner, database = _role("DATABASE_OWNER_URL")
    application, same_database = _role("DATABASE_URL")
    if database != same_database:
        raise ImproperlyConfigured(
            "DATABASE_URL and DATABASE_OWNER_URL name different databases: correct one of them."
        )
    if len({login(admin).role, owner.role, application.role}) < 3:
        raise ImproperlyConfigured(
            "DATABASE_URL, DATABASE_OWNER_URL and DATABASE_ADMIN_URL must name three roles."
        )
    provision(admin, database=database, owner=owner, application=application)
    return f"{database} is there, with {owner.role} and {application.role}"


if __name__ == "__main__":
    try:
        print(create())
    except (ImproperlyConfigured, psycopg.Error) as error:
        sys.exit(f"pharmrefer: {str(error).splitlines()[0]}")
