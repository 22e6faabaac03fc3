"""How HTTPS is served from the certificate and key of the settings."""

from __future__ import annotations

import ssl

from tongke.cli.errors import BadCertificate
from tongke.settings import Settings


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """How HTTPS is served; None for plain HTTP. Raises `BadCertificate`."""
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise BadCertificate(path=settings.tls_cert, reason=error) from error
    return context
