"""What can go wrong before a part runs. Each says what to do at the terminal."""

from __future__ import annotations

from tongke.errors import Invalid, Misconfigured, NotFound, Text, Unavailable


class BadSettings(Misconfigured):
    code = "bad-settings"
    message = Text("有几项设置不对：{faults}", "Some settings are not right: {faults}")
    remedy = Text(
        "改正环境变量或 .env 里的这几项；每一项的说明在 docs/settings.md",
        "Correct these in the environment or in .env; docs/settings.md explains each",
    )


class WeakSecrets(Misconfigured):
    code = "weak-secrets"
    message = Text(
        "正式运行不能用这样的密码：{names}", "Production does not start with these secrets: {names}"
    )
    remedy = Text(
        "每一项各换一个随机密码，例如 openssl rand -hex 24；只是试用，就设 TONGKE_PRODUCTION=false",
        "Give each a random secret of its own, as openssl rand -hex 24 makes; only to look around, "
        "set TONGKE_PRODUCTION=false",
    )


class DataFolderUnusable(Misconfigured):
    code = "data-folder-unusable"
    message = Text("数据文件夹不能写入：{path}（{reason}）", "Cannot write to {path}: {reason}")
    remedy = Text(
        "用 TONGKE_DATA_DIR 指定一个可以写的文件夹，或改它的权限",
        "Name a folder you may write to in TONGKE_DATA_DIR, or change its permissions",
    )


class PortTaken(Misconfigured):
    code = "port-taken"
    message = Text("端口 {port} 已被别的程序占用", "Port {port} is taken by another program")
    remedy = Text(
        "换一个端口再启动，例如：TONGKE_PORT={other}",
        "Choose another port and start again, for example: TONGKE_PORT={other}",
    )


class AddressUnusable(Misconfigured):
    code = "address-unusable"
    message = Text(
        "不能在 {host}:{port} 上监听（{reason}）", "Cannot listen on {host}:{port}: {reason}"
    )
    remedy = Text(
        "检查 TONGKE_HOST 和 TONGKE_PORT；1024 以下的端口需要管理员权限",
        "Check TONGKE_HOST and TONGKE_PORT; ports below 1024 need privileges",
    )


class BadCertificate(Misconfigured):
    code = "bad-certificate"
    message = Text(
        "证书或私钥不能用：{path}（{reason}）",
        "This certificate or key does not work: {path}: {reason}",
    )
    remedy = Text(
        "检查 TONGKE_TLS_CERT 和 TONGKE_TLS_KEY，或运行 tongke cert 重新签发",
        "Check TONGKE_TLS_CERT and TONGKE_TLS_KEY, or run tongke cert to make new ones",
    )


class SchemaBehind(Misconfigured):
    code = "schema-behind"
    message = Text("数据库还不是这一版的结构", "The database is not at the schema of this version")
    remedy = Text("先运行 tongke migrate", "Run tongke migrate first")


class SchemaAhead(Misconfigured):
    code = "schema-ahead"
    message = Text(
        "数据库已经升级到更新的版本", "A newer version has brought the database to its schema"
    )
    remedy = Text(
        "请用那个版本；要退回这一版，只能用它恢复升级前的备份",
        "Run that version; the way back to this one is to restore a backup of before with it",
    )


class DatabaseUnusable(Unavailable):
    """It is away, or does not let us in; `reason` is what its driver says."""

    code = "database-unusable"
    message = Text("数据库用不了：{reason}", "The database cannot be used: {reason}")
    remedy = Text(
        "看 TONGKE_DATABASE_URL 指的服务是否在运行，地址、用户名、密码和库名对不对；"
        "没有设它，就看数据文件夹的磁盘和权限",
        "See that the server of TONGKE_DATABASE_URL runs, and that address, name, password and"
        " database are right; where it is not set, look at the data folder's disk and rights",
    )


class ObjectsUnusable(Unavailable):
    """Where files are kept is away, or fails; `reason` is what it, or the way to it, says."""

    code = "objects-unusable"
    message = Text(
        "文件存储 {where} 用不了：{reason}", "The object store {where} cannot be used: {reason}"
    )
    remedy = Text(
        "看 TONGKE_S3_URL 指的服务是否在运行，地址和端口对不对，防火墙是否放行；"
        "没有设它，就看数据文件夹的磁盘和权限",
        "See that the server of TONGKE_S3_URL runs, that address and port are right, and that no"
        " firewall is between; where it is not set, look at the data folder's disk and rights",
    )


class IndexUnusable(Unavailable):
    """Elasticsearch is away, or will not do what it is asked; `reason` is what it says."""

    code = "index-unusable"
    message = Text("Elasticsearch {where} 用不了：{reason}", "Elasticsearch {where}: {reason}")
    remedy = Text(
        "看 TONGKE_ELASTICSEARCH_URL 指的服务是否在运行，地址和端口对不对，防火墙是否放行；"
        "它说了原因的，先解决那个原因",
        "See that the server of TONGKE_ELASTICSEARCH_URL runs, that address and port are right, and"
        " that no firewall is between; where it gives a reason, mend that first",
    )


class IndexOfAnotherVersion(IndexUnusable):
    code = "index-of-another-version"
    remedy = Text(
        "Tongke 要用 Elasticsearch 8：在 TONGKE_ELASTICSEARCH_URL 里写那样一台的地址",
        "Tongke needs an Elasticsearch 8: name one in TONGKE_ELASTICSEARCH_URL",
    )


class IndexFileUnusable(Unavailable):
    """The file of the embedded engine; `reason` is what SQLite says."""

    code = "index-file-unusable"
    message = Text("索引文件 {path} 用不了：{reason}", "The index {path} cannot be used: {reason}")
    remedy = Text(
        "看数据文件夹的磁盘满没满，运行服务的用户能不能写 search.db*",
        "See whether the data folder's disk is full, and that the user the service runs as may"
        " write search.db* there",
    )


class DamagedIndex(Misconfigured):
    code = "index-damaged"
    message = Text("索引文件打不开：{path}", "The index cannot be opened: {path}")
    remedy = Text(
        "停下服务，删掉它和旁边的 -wal、-shm，再运行 tongke reindex；资源都在数据库里，不会丢",
        "Stop the service, delete it and its -wal and -shm, and run tongke reindex again; "
        "everything is in the database, and nothing is lost",
    )


class AlreadyRunning(Misconfigured):
    code = "already-running"
    message = Text(
        "这个数据文件夹已有一个服务在运行（进程 {pid}）",
        "A service already runs on this data folder (process {pid})",
    )
    remedy = Text(
        "直接用它；要重新启动，先停掉它",
        "Use that one; to start anew, stop it first",
    )


class UnknownOrganisation(Invalid):
    code = "unknown-organisation"
    message = Text("没有“{name}”这个学校或地区", "There is no school or region “{name}”")
    remedy = Text(
        "学校写全名或编号，地区写六位行政区划代码",
        "Give a school by its full name or number, a region by its six-digit code",
    )


class UnknownAccount(NotFound):
    code = "unknown-account"
    message = Text("没有账号 {username}", "There is no account {username}")
    remedy = Text("tongke account list 列出所有账号", "tongke account list shows them all")
