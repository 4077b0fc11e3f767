"""For WSGI servers: ``gunicorn wsgi:app`` with STUDYHUB_INSTANCE set to the instance folder."""

from studyhub.app import from_environment

app = from_environment()
