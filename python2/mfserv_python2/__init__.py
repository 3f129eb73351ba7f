"""The Python 2 side of mfserv. Needs Python 2.7 and, except for gunicorn2_sync, nothing else."""
