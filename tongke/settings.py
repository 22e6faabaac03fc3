"""Every setting of Tongke, in one typed class.

A setting is read from the environment as `TONGKE_<NAME>`, or from a `.env` file beside the start
directory. With none set, the whole service runs on one machine from what its wheels carry.
`docs/settings.md` documents each; a test fails when one is missing there.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tongke import setting_forms

# A Unix socket's path ends at 107 bytes (sun_path); the socket's own name takes the rest.
MAX_RUNTIME_DIR_BYTES = 90

# Listening on one of these, the service answers on this machine as "localhost".
EVERY_OR_OWN_HOST = frozenset({"127.0.0.1", "0.0.0.0", "::", "::1"})  # noqa: S104 - compared, not bound


class IceServer(BaseModel):
    """A STUN or TURN server, in the words of WebRTC's RTCIceServer."""

    urls: list[str]
    username: str | None = None
    credential: SecretStr | None = None

    @field_validator("urls", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    def told(self) -> dict[str, JsonValue]:
        """As the browser of a classroom is told, which needs the credential."""
        told: dict[str, JsonValue] = {"urls": [*self.urls]}
        if self.username is not None:
            told["username"] = self.username
        if self.credential is not None:
            told["credential"] = self.credential.get_secret_value()
        return told


class Settings(BaseSettings):
    """What an operator may choose. Units are in the names."""

    # An empty variable is one that is not set: compose files cannot leave one out.
    model_config = SettingsConfigDict(
        env_prefix="TONGKE_", env_file=".env", env_ignore_empty=True, extra="ignore"
    )

    data_dir: Path = Field(Path("data"), description="Where everything that must be kept lives.")
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for the network.")
    port: int = Field(8600, ge=0, le=65535, description="Port to listen on.")
    public_url: str | None = Field(
        None, description="The address people type, where it differs from host and port."
    )
    tls_cert: Path | None = Field(None, description="Certificate (PEM) to serve HTTPS with.")
    tls_key: Path | None = Field(None, description="Private key (PEM) of the certificate.")
    # Decoded by our own forms, which say what to write where it is no list.
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Networks (CIDR) of reverse proxies whose X-Forwarded-* headers are believed.",
    )

    nginx_url: str | None = Field(
        None, description="Where the nginx before the service tells of itself, http://host:port."
    )

    database_url: str | None = Field(
        None, description="SQLAlchemy address of the database; empty: SQLite in the data folder."
    )
    database_pool: int = Field(
        10, gt=0, description="Connections to PostgreSQL that a process keeps at most."
    )
    statement_timeout_s: float = Field(
        15.0, gt=0, description="A statement of PostgreSQL is cancelled after this, in seconds."
    )
    s3_url: str | None = Field(
        None, description="Address of an S3 store, http(s)://host:port; empty: local files."
    )
    s3_bucket: str = Field("tongke", description="The bucket that holds every object.")
    s3_region: str = Field("us-east-1", description="The region that signatures name.")
    s3_access_key: str | None = Field(None, description="Access key of the S3 store.")
    s3_secret_key: SecretStr | None = Field(None, description="Secret key of the S3 store.")
    elasticsearch_url: str | None = Field(
        None,
        description="Address of Elasticsearch; empty: an index in the data folder.",
    )
    elasticsearch_index: str = Field(
        "tongke", description="First part of the names of our indexes in Elasticsearch."
    )
    elasticsearch_api_key: SecretStr | None = Field(
        None, description="API key for Elasticsearch, where it asks for one."
    )
    bus_url: str | None = Field(
        None,
        description="Redis or Valkey (redis://, rediss://, unix://); empty: our own from a wheel.",
    )
    runtime_dir: Path | None = Field(
        None, description="Short folder for sockets; empty: in the data folder or the temp folder."
    )

    ffmpeg: Path | None = Field(None, description="ffmpeg to use instead of the wheel's.")
    ffprobe: Path | None = Field(None, description="ffprobe to use instead of the wheel's.")
    valkey_server: Path | None = Field(None, description="valkey-server or redis-server to use.")
    libreoffice: Path | None = Field(
        None, description="soffice, for .doc, .ppt and .wps; empty: the one on PATH, if any."
    )

    upload_max_bytes: int = Field(20 * 2**30, gt=0, description="Largest file taken, in bytes.")
    upload_keep_days: int = Field(
        7, gt=0, description="How long an unfinished upload can be gone on with, in days."
    )
    min_free_bytes: int = Field(
        2 * 2**30,
        ge=0,
        description="Uploads are refused, and classes not kept, with less space than this left.",
    )
    node_url: str | None = Field(
        None,
        description="Where other web processes reach this one, http://host:port; auto: by itself.",
    )
    ice_servers: Annotated[list[IceServer], NoDecode] = Field(
        default_factory=list,
        description="STUN and TURN servers for the talk between classrooms, as a JSON list.",
    )
    rtmp_port: int = Field(
        0, ge=0, le=65535, description="Port that recording appliances push RTMP to; 0: none."
    )
    live_small_picture: Literal["auto", "off"] = Field(
        "auto", description="A small picture of each class, for weak lines: auto or off."
    )
    live_small_picture_load: float = Field(
        0.8, gt=0, description="Load of a core up to which the small picture is begun."
    )
    session_days: int = Field(30, gt=0, description="How long a sign-in holds, in days.")
    job_lease_s: float = Field(
        60.0, gt=0, description="Silence after which a worker's step is given to another, seconds."
    )
    job_attempts: int = Field(
        3, gt=0, description="How often a step is tried before it is called failed."
    )
    sweep_every_s: float = Field(
        20.0, gt=0, description="How often lost work is looked for, in seconds."
    )
    orphan_grace_h: float = Field(
        24.0, ge=1, description="How long an object that nothing names is kept, in hours."
    )
    deleted_keep_days: int = Field(
        30, ge=0, description="How long a deleted resource can be restored, in days."
    )
    production: bool = Field(
        False, description="Refuse to start with a secret that is missing, known or short."
    )
    metrics_token: SecretStr | None = Field(
        None, description="What Prometheus sends to be given /metrics, and nothing else."
    )
    otlp_endpoint: str | None = Field(
        None, description="Collector of OpenTelemetry traces, http(s)://host:4318; empty: none."
    )
    alive_file: Path | None = Field(
        None, description="File in which a worker and the scheduler say until when they live."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error."
    )
    log_json: bool = Field(False, description="Logs as JSON lines instead of coloured text.")

    @field_validator(*setting_forms.FORMS)
    @classmethod
    def _address(cls, value: str | None, info: ValidationInfo) -> str | None:
        return value and setting_forms.address(info.field_name or "", value)

    _networks = field_validator("trusted_proxies", mode="before")(setting_forms.networks)
    _ice_servers = field_validator("ice_servers", mode="before")(setting_forms.ice_servers)
    _index_name = field_validator("elasticsearch_index")(setting_forms.index_name)
    _bucket_name = field_validator("s3_bucket")(setting_forms.bucket_name)

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_small_letters(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address, without a driver for SQLite's two faces (see `Database`)."""
        return self.database_url or f"sqlite:///{self.database_file}"

    @property
    def database_file(self) -> Path:
        """The database of an installation that names none."""
        return self.data_dir / "tongke.db"

    @property
    def objects_dir(self) -> Path:
        return self.data_dir / "objects"

    @property
    def index_path(self) -> Path:
        return self.data_dir / "search.db"

    @property
    def work_dir(self) -> Path:
        """Scratch space of the workers, on the objects' file system so that files can be linked."""
        return self.data_dir / "work"

    @property
    def sockets_dir(self) -> Path:
        """A folder whose path is short enough for a Unix socket."""
        if self.runtime_dir is not None:
            return self.runtime_dir
        beside = self.data_dir / "run"
        if len(str(beside).encode()) <= MAX_RUNTIME_DIR_BYTES:
            return beside
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"tongke-{digest}"

    @property
    def embedded_bus(self) -> bool:
        return self.bus_url is None

    @property
    def bus_address(self) -> str:
        return self.bus_url or f"unix://{self.sockets_dir / 'valkey.sock'}"

    @property
    def https(self) -> bool:
        return self.tls_cert is not None

    @property
    def url(self) -> str:
        """The address people type, without a closing slash."""
        if self.public_url:
            return self.public_url.rstrip("/")
        scheme = "https" if self.https else "http"
        host = "localhost" if self.host in EVERY_OR_OWN_HOST else self.host
        return f"{scheme}://{host}:{self.port}"
