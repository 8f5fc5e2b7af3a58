"""The single checks of the self-test: each imports what it checks, tries it and says what it found."""

from __future__ import annotations

import os
import secrets
import ssl
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from softphone.domain.errors import SoftphoneError
from softphone.system.folders import folders

if TYPE_CHECKING:
    from softphone.domain.events import Event

WANTED_CODECS = ("G722/16000", "PCMA/8000", "PCMU/8000")
_STORE_WITHIN_S = 20.0

Finding = dict[str, object]


def settings(config_dir: Path | None) -> Finding:
    """The settings files of this profile can be read."""
    from softphone.system.settings_sources import layered_settings

    where = folders(config_dir)
    try:
        found = layered_settings(where).load()
    except SoftphoneError as exc:
        return _bad(exc.detail)
    return {"ok": True, "file": str(where.settings_file), "accounts": len(found.accounts)}


def key_store(config_dir: Path | None) -> Finding:
    """A secret can be kept, read again and forgotten in a safe key store."""
    from softphone.system.secrets import KeyringSecrets

    store = KeyringSecrets(folders(config_dir).key_store_service)
    secret, name = secrets.token_urlsafe(16), f"self-test/{os.getpid()}"
    try:
        backend = store.backend_name
        store.write(name, secret)
        kept = store.read(name)
        store.delete(name)
        forgotten = store.read(name) is None
    except SoftphoneError as exc:
        return {**_bad(exc.detail), "reason": str(getattr(exc, "trouble", ""))}
    return {"ok": kept == secret and forgotten, "backend": backend}


def codecs(_config_dir: Path | None) -> Finding:
    """PJSIP loads and has the codecs that we offer."""
    from softphone.engine.sip.codec_check import codec_names

    try:
        names = codec_names()
    except SoftphoneError as exc:
        return _bad(exc.detail)
    missing = [codec for codec in WANTED_CODECS if codec not in names]
    finding: Finding = {"ok": not missing, "codecs": list(names)}
    return {**finding, "detail": f"missing: {', '.join(missing)}"} if missing else finding


def audio(config_dir: Path | None) -> Finding:
    """There are microphone and speaker, unless the settings choose silence or files; echo control loads."""
    import pywebrtc_audio  # noqa: F401 - the import is the check

    from softphone.engine.audio.scout import list_devices
    from softphone.engine.audio.wish import virtual_card
    from softphone.system.settings_sources import layered_settings

    where = folders(config_dir)
    try:
        chosen = layered_settings(where).load().audio
        devices = list_devices()
    except SoftphoneError as exc:
        return _bad(exc.detail)
    except OSError as exc:
        return _bad(f"PortAudio cannot be used: {exc}")
    virtual = virtual_card(chosen)
    hears = any(device.inputs for device in devices) or bool(virtual)
    speaks = any(device.outputs for device in devices) or bool(virtual)
    finding: Finding = {"ok": hears and speaks, "devices": [device.key for device in devices]}
    if virtual:
        finding["chosen"] = virtual
    if not finding["ok"]:
        finding["detail"] = f"no {'speaker' if hears else 'microphone'} found"
    return finding


def strong_noise(_config_dir: Path | None) -> Finding:
    """Strong noise suppression finds its library and model and treats a frame (else the other is used)."""
    import numpy as np

    from softphone.engine.audio.deep_filter import DeepFilter, StrongNoiseMissing
    from softphone.engine.audio.terms import BRIDGE_HZ

    try:
        treated = DeepFilter().process(np.zeros(BRIDGE_HZ // 50, np.int16))
    except StrongNoiseMissing as exc:
        return _bad(str(exc))
    return {"ok": len(treated) == BRIDGE_HZ // 50}


def certificates(_config_dir: Path | None) -> Finding:
    """The system's certificates are there, and a server that nobody has certified is refused."""
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        refused = _refuses_stranger(context)
    except (ssl.SSLError, OSError) as exc:
        return _bad(f"no TLS: {exc}")
    paths = ssl.get_default_verify_paths()
    there = [path for path in (paths.cafile, paths.capath) if path and Path(path).exists()]
    finding: Finding = {"openssl": ssl.OPENSSL_VERSION, "authorities": there}
    if not refused:
        return {**finding, **_bad("a server that nobody has certified was accepted")}
    if not there and sys.platform.startswith("linux"):  # elsewhere they are no files
        return {**finding, **_bad("this system has no certificate authorities (package ca-certificates)")}
    return {**finding, "ok": True}


def database(_config_dir: Path | None) -> Finding:
    """An encrypted database can be made, written, read again and shows nothing in clear."""
    with tempfile.TemporaryDirectory(prefix="softphone-self-test-") as folder:
        path = Path(folder) / "records.db"
        text = f"canary-{secrets.token_hex(8)}"
        trouble = _write_record(path, text)
        if trouble:
            return _bad(trouble)
        stored = b"".join(file.read_bytes() for file in Path(folder).iterdir())
        clear = b"SQLite format 3" in stored or text.encode() in stored
        return _bad("the file is not encrypted") if clear else {"ok": True, "bytes": len(stored)}


def qt(_config_dir: Path | None) -> Finding:
    """Qt finds its platform plugin, fonts and icons. A missing plugin ends this process."""
    from softphone.ui.platform_check import platform_facts

    facts = platform_facts()
    return {"ok": bool(facts["svg"]) and facts["font_families"] != 0, **facts}


def _bad(detail: str) -> Finding:
    return {"ok": False, "detail": detail}


def _write_record(path: Path, text: str) -> str:
    """Put one call with `text` into a new database and find it again; what went wrong, or nothing."""
    from softphone.domain.call import CallState, CallView, Direction, Party
    from softphone.domain.ids import AccountId, CallId
    from softphone.domain.keeping_events import HistoryLoaded, StoreOpened
    from softphone.domain.store_trouble import StoreTrouble
    from softphone.domain.wrap_up import CallRecord, RecordStatus
    from softphone.store.key import MemoryKey
    from softphone.store.records import SqlRecords

    events: SimpleQueue[Event] = SimpleQueue()
    records = SqlRecords(path, MemoryKey(), events.put)
    records.open()
    opened = events.get(timeout=_STORE_WITHIN_S)
    if not isinstance(opened, StoreOpened) or opened.trouble is not StoreTrouble.NONE:
        records.close()
        return f"not opened: {opened}"
    call = CallView(
        CallId("self-test"), AccountId("self-test"), Direction.INBOUND, CallState.TERMINATED,
        Party(user="100", display_name=text), datetime.now(UTC),
    )  # fmt: skip
    records.record_call(CallRecord(call, text), RecordStatus.CLOSED)
    records.load_history(1, text)
    loaded = events.get(timeout=_STORE_WITHIN_S)
    records.close()
    found = isinstance(loaded, HistoryLoaded) and [e.record.number for e in loaded.entries] == [text]
    return "" if found else f"not read again: {type(loaded).__name__}"


def _refuses_stranger(context: ssl.SSLContext) -> bool:
    """Shake hands in memory with a server whose certificate nobody has signed; tell whether we refused."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="softphone-self-test-") as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(_self_signed("localhost"))
        server_context.load_cert_chain(file)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = context.wrap_bio(to_client, to_server, server_hostname="localhost")
    client_done = server_done = False
    for _ in range(10):
        try:
            client_done = client_done or _step(client)
            server_done = server_done or _step(server)
        except ssl.SSLCertVerificationError:
            return True
    return not client_done


def _step(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _self_signed(name: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)


PARTS: dict[str, Callable[[Path | None], Finding]] = {
    "settings": settings,
    "key_store": key_store,
    "codecs": codecs,
    "audio": audio,
    "strong_noise": strong_noise,
    "certificates": certificates,
    "database": database,
    "qt": qt,
}
