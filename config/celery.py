"""The Celery app. Every scheduled task is a tick: it polls the database for what is due."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("qinqingtong")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
