"""What an S3 store answers, turned into the errors of the port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError, ResponseError

from tongke.errors import Text, TongkeError
from tongke.storage.objects.errors import ObjectMissing, ObjectsUnavailable, StoreFull

# "S3 error responses" of the S3 API reference; those of MinIO and of Ceph beside them.
_MISSING = {"NoSuchKey"}
_FULL = {
    "QuotaExceeded",
    "XMinioStorageFull",
    "InsufficientStorage",
    "XMinioAdminBucketQuotaExceeded",
}
_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AllAccessDisabled"}
_INSUFFICIENT_STORAGE = 507


class StoreRefuses(ObjectsUnavailable):
    """The keys are wrong, or may not do this."""

    code = "objects-refused"
    message = Text("文件存储不认这把密钥：{reason}", "The object store refuses us: {reason}")
    remedy = Text(
        "请核对 TONGKE_S3_ACCESS_KEY 和 TONGKE_S3_SECRET_KEY，以及这把密钥对桶的读写权限",
        "Check TONGKE_S3_ACCESS_KEY and TONGKE_S3_SECRET_KEY, and what they may do with the bucket",
    )


class BucketMissing(ObjectsUnavailable):
    """There is no such `bucket`."""

    code = "bucket-missing"
    message = Text("文件存储里没有名为 {bucket} 的桶", "The object store has no bucket {bucket}")
    remedy = Text(
        "运行 tongke doctor 会建好它；如果密钥无权建桶，请先请存储管理员建好",
        "tongke doctor makes it; where our key may not, have the store's administrator make it",
    )


class ClocksDiffer(ObjectsUnavailable):
    """A signature names the time; a store takes none that is some 15 minutes off."""

    code = "objects-clock"
    message = Text(
        "这台机器和文件存储的时钟相差太多", "The clocks of this machine and of the store differ"
    )
    remedy = Text(
        "请在两边都开启时间同步（NTP），校准后不必重启",
        "Synchronize both clocks (NTP); nothing has to be started again",
    )


class UploadGone(ObjectMissing):
    """The multipart upload was completed or aborted."""


class ChangedMeanwhile(ObjectsUnavailable):
    """An object was replaced while it was read."""

    code = "object-changed"
    message = Text("文件在读取途中被换掉了", "The object was replaced while it was read")
    remedy = Text("请重新打开", "Open it again")


class PastTheEnd(Exception):
    """A range that begins behind an object's last byte. Never leaves the adapter."""


@contextmanager
def s3_errors(bucket: str, key: str = "") -> Iterator[None]:
    """Turn what the client raises about the object `key` into the errors of the port."""
    try:
        yield
    except S3Error as error:
        raise _translated(error, bucket, key) from error
    except (ServerError, InvalidResponseError) as error:
        if _status(error) == _INSUFFICIENT_STORAGE:
            raise StoreFull from error
        raise ObjectsUnavailable(reason=f"HTTP {_status(error)}") from error
    except (MinioException, HTTPError, ParseError) as error:
        raise ObjectsUnavailable(reason=_plain(error)) from error


def _translated(error: S3Error, bucket: str, key: str) -> TongkeError | PastTheEnd:
    code = error.code or ""
    if code in _MISSING:
        return ObjectMissing(key=key)
    if code == "NoSuchUpload":
        return UploadGone(key=key)
    if code == "InvalidRange":
        return PastTheEnd()
    if code == "PreconditionFailed":
        return ChangedMeanwhile()
    if code == "NoSuchBucket":
        return BucketMissing(bucket=bucket, reason=code)
    if code == "RequestTimeTooSkewed":
        return ClocksDiffer(reason=code)
    if code in _FULL or error.response.status == _INSUFFICIENT_STORAGE:
        return StoreFull()
    if code in _REFUSED:
        return StoreRefuses(reason=code)
    return ObjectsUnavailable(reason=f"{code} {error.message or ''}".strip())


def _status(error: ServerError | InvalidResponseError) -> int:
    # The second keeps its status private, and its text holds whatever a proxy answered.
    return error.status_code if isinstance(error, ServerError) else error._code


def _plain(error: Exception) -> str:
    """The kind of failure; the client's own text names addresses and object ids."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, ResponseError):
        return str(reason)
    return type(reason if isinstance(reason, Exception) else error).__name__
