"""What works in the background (Celery): each task is a few lines that call the ground."""
