"""What gunicorn serves: `gunicorn web.wsgi:app`."""

from web import logs, settings
from web.app import create_app
from web.wiring import open_city

logs.configure()
_settings = settings.from_environment()
app = create_app(open_city(_settings.app_database_url), _settings.secret())
