"""What speaks HTTP. Each area has `api.py` (JSON), `pages.py` (HTML), and stands on the ground."""
