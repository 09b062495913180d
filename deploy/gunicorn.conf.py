"""How gunicorn serves the portal: `gunicorn -c deploy/gunicorn.conf.py config.wsgi`."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
# The embedded default keeps its cache inside the one process; with Redis, web processes scale by count.
workers = int(os.environ.get("WEB_WORKERS", "2" if os.environ.get("REDIS_URL") else "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
accesslog = "-"
# Its default place is the home folder, and nobody needs it.
control_socket_disable = True
