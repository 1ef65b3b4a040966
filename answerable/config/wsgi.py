"""Django as a WSGI application, for the entry (asgi.py)."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
