# One image for everything of PharmRefer: web server, workers, rescuer and manage.py.
# docker-compose.yml says how each is started.
#
# The base is pinned by tag; whoever installs PharmRefer pins the digest that they have checked.
FROM docker.io/library/python:3.11-slim-bookworm AS build
WORKDIR /srv/pharmrefer
ENV PATH=/srv/pharmrefer/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1

# From the lock files with hashes, as make run installs; without the servers that make run brings.
COPY requirements/production.txt requirements/assets.txt requirements/
COPY pharmrefer/__init__.py pharmrefer/
COPY pharmrefer/local pharmrefer/local
RUN python -m pharmrefer.local.install image

COPY . .

# Nothing starts without settings. These are random, and gone with the shell that makes them.
RUN word() { head -c 48 /dev/urandom | base64 --wrap=0; }; \
    PUBLIC_URL=https://none.example SECRET_KEY="$(word)" LOOKUP_KEY="$(word)" \
    FIELD_KEYS="1:$(head -c 32 /dev/urandom | base64)" SOURCE_DOS_SERVICE_ID=none \
    DATABASE_URL=postgresql://none@none/none BROKER_URL=redis://none \
    EMAIL_URL=smtps://none EMAIL_FROM=none@none.example \
    python manage.py collectstatic --no-input

# What only make run needs stays behind; the rest is everybody's to read, however it was cloned.
RUN rm -r build/assets build/install.lock pharmrefer/demo pharmrefer/local requirements \
    && chmod -R a+rX .
# The file system will be read-only: bytecode is made here or never.
RUN python -m compileall -q --invalidation-mode unchecked-hash .venv/lib accounts pharmrefer referrals support

FROM docker.io/library/python:3.11-slim-bookworm
WORKDIR /srv/pharmrefer
ENV PATH=/srv/pharmrefer/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN groupadd --gid 10001 pharmrefer \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin pharmrefer
COPY --from=build /srv/pharmrefer .
USER 10001:10001
EXPOSE 8000
