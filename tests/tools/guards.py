"""Takes away one guard of the gateway at a time, and sees that a test of its fault turns red.

    python -m tests.tools.guards [G4 T9 ...]

A guard is a piece of the library's text and what stands in its place when it is gone; no file is changed, the module
is compiled otherwise in the process of the tests.  Takes ten minutes for all; that the pieces are still where they are
said to be is a test of every run.
"""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).parents[2]
SWITCH = "ACORD_WITHOUT"

# Fault -> (module of acord.core, what guards against it, what is there without the guard).
GUARDS: dict[str, list[tuple[str, str, str]]] = {
    "G1": [
        ("performer", "str(exc), exc.retry_after", "str(exc), None"),
        ("session_core", "2.0 ** min(self.fails, 10)", "0.0"),
        ("session_effects", "resume_gateway_url=None)\n        self._leave(CLOSE_KEEPING, wait", "seq=0)\n        self._leave(CLOSE_KEEPING, wait"),
    ],
    "G2": [
        ("pulse", "if not MIN_INTERVAL * 1000 <= interval_ms <= MAX_INTERVAL * 1000:", "if False:"),
        ("session_effects", "self._enter(State.HELLO, HELLO_TIMEOUT)", "self._enter(State.HELLO, None)"),
    ],
    "G3": [
        ("pulse", "self.due = start + interval * jitter", "self.due = start + interval"),
        ("pulse", "        self.due += self.interval\n", "        self.due = now + self.interval\n"),
    ],
    "G4": [
        ("session_effects", "self.pulse.is_zombie(self._now, due)", "False"),
        ("pulse", "        self.interval = interval\n        self._open.clear()", "        self.interval = interval"),
    ],
    "G5": [("pulse", "        if not self._open:\n            return None\n        at, _", "        at, _")],
    "G6": [
        ("session_effects", "if self._budget.free_at(self._now, Purpose.REQUESTED_BEAT) > self._now:", "if False:"),
        ("session_effects", "self._write_beat(scheduled=False)", "self._write_beat(scheduled=True)"),
    ],
    "G7": [("session_effects", "self.pulse.is_zombie(self._now, due)", "False")],
    "G8": [("session_core", "self._between(0.0, min(5.0, 0.05 * self._fleet))", "0.0")],
    "G9": [
        ("session_effects", 'self._report("fault", arg)\n        self._leave(CLOSE_KEEPING)', 'self._report("fault", arg)\n        self._leave(1000)'),
        ("session_effects", "base = self._session.resume_gateway_url", "pass"),
    ],
    "G10": [
        ("session", "self._body(message) is True", "self._body(message)"),
        ("session_effects", 'self._report("invalid_session", "final")\n        self._end_session()', 'self._report("invalid_session", "final")'),
        ("session_effects", 'self._report("invalid_session", "resumable")\n        self._leave(CLOSE_KEEPING, wait=self._between(1.0, 5.0))', 'self._report("invalid_session", "resumable")\n        self._leave(CLOSE_KEEPING)'),
    ],
    "G11": [("session_effects", "if since is None or self._now < quiet_until", "if self._now < quiet_until")],
    "G12": [("session", "Verdict.RESUME: On.CLOSED_RESUME", "Verdict.RESUME: On.CLOSED_NEW")],
    "G13": [("session", "Verdict.NEW_SESSION: On.CLOSED_NEW", "Verdict.NEW_SESSION: On.CLOSED_RESUME")],
    "G14": [("session", "Verdict.FATAL: On.CLOSED_FATAL", "Verdict.FATAL: On.CLOSED_RESUME")],
    "G15": [("session", "verdict = Verdict.RESUME if code is None else CloseCode(code).verdict", "verdict = Verdict.RESUME if code is None else CloseCode(code).verdict if code in list(CloseCode) else Verdict.FATAL")],
    "G16": [("session_table", '(_LOGGED_IN, On.DISPATCH, "dispatch", _SAME)', '((S.IDENTIFYING, S.READY), On.DISPATCH, "dispatch", _SAME)')],
    "G17": [
        ("session_core", "self._resume_fails >= RESUME_TRIES or ", ""),
        ("session_core", " or waited >= RESUME_PATIENCE", ""),
    ],
    "G18": [("session_effects", "if last is not None and seq <= last:", "if last is not None and seq < 0:")],
    "G19": [
        ("session_effects", "if last is not None and seq != last + 1:", "if False:"),
        ("session_effects", "if seq is None or seq < 0:", "if seq is None:"),
        ("session_effects", "        if last is not None and seq <= last:\n            self._report(\"duplicate\", f\"sequence {seq} after {last}\")\n            return False\n", ""),
    ],
    "G20": [
        ("session_table", '((S.WAIT_SLOT, *_LOGGED_IN), On.HELLO, "surplus", _SAME)', '((S.WAIT_SLOT, *_LOGGED_IN), On.HELLO, "hello", (*OPEN, S.BACKOFF))'),
        ("express", "event.s != number or ", ""),
        ("express", "**dict.fromkeys(SPECIAL, _STOP)", ""),
    ],
    "G21": [("inbox", "        if self._taken[1] is not None:\n            self._handled = self._taken\n        while", "        while")],
    "G22": [
        ("envelope", "        _loads(data)\n        raise Malformed(f\"not an envelope: {exc}\") from None", "        raise Malformed(f\"not an envelope: {exc}\") from None"),
        ("performer", "self._perform(session.fault(number, exc.reason, now()))", "pass"),
        ("inflate", 'raise DecodeError("zlib: the stream has ended, which a gateway never lets it")', "pass"),
    ],
    "G23": [
        ("performer", "if line is not None and line.begun_at is not None and now >= line.begun_at + STALL:", "if False:"),
        ("inflate", "        if self._wire > self._max_wire:\n            raise _too_large(self._wire, self._max_wire, \"on the wire\")\n", ""),
    ],
    "G24": [
        ("inflate", "    if len(out) > room:\n        raise _too_large(len(out), room, \"inflated\")\n", ""),
        ("inflate", "            if room < 0:\n                raise _too_large(self._max_inflated + 1, self._max_inflated, \"inflated\")\n", ""),
    ],
    "G25": [
        ("inflate", "{zstd.DecompressionParameter.window_log_max: MAX_WINDOW_LOG}", "{}"),
        ("inflate", "if frames > _MAX_FRAMES:", "if False:"),
    ],
    "G26": [
        ("frames", "and size <= self._max_size and", "and"),
        ("websocket", "            if not frame.fin:\n                return\n            data = bytes(self._fragments)", "            data = bytes(self._fragments)"),
    ],
    "G27": [
        ("incoming", "if self.form is None and binary is not self._binary:", "if False:"),
        ("frames", "head & _RESERVED or ", ""),
    ],
    "G28": [
        ("performer", "            except Malformed as exc:\n                self._perform(session.malformed(number, exc.reason, now()))\n                continue", "            except ZeroDivisionError:\n                continue"),
    ],
    "G29": [("session", "on = _ON_OP.get(message.op, On.UNKNOWN_OP)", "on = _ON_OP[message.op]")],
    "G30": [
        ("etf", "if end > self.size:", "if False:"),
        ("etf", "if count * each > self.size - self.at:", "if False:"),
        ("etf", "if count > 8 or sign > 1:", "if sign > 1:"),
    ],
    "G31": [("session", "if len(data) > MAX_PAYLOAD:", "if False:")],
    "G36": [("session_core", "checked = gateway_url(url, self._origins)", "checked = str(url) if url else None")],
    "G37": [("listeners", "        except Exception as exc:\n            self._tell(Failure(dispatch, exc, self.function))\n\n\nclass AsyncListener", "        except ZeroDivisionError:\n            pass\n\n\nclass AsyncListener")],
    "G38": [
        ("inbox", "if self.size > self._bound and not self.is_full:", "if False:"),
        ("desk", "if self.size > self._bound and not self.is_full:", "if False:"),
        ("gateway", "        self._inbox.is_full = False\n", ""),
    ],
    "G39": [
        ("express", "session.connection != connection\n                    or ", ""),
        ("express", "intake.readers.table is not table", "False"),
        ("listeners", "        if self.gone:\n            return\n        try:\n            event = self.kind.of", "        try:\n            event = self.kind.of"),
    ],
    "G40": [
        ("member_requests", "await asyncio.wait((work, time_is_up), return_when=asyncio.FIRST_COMPLETED)", "await work"),
        ("members", "self._chunks.setdefault(index, chunk)", "self._chunks[len(self._chunks)] = chunk"),
        ("members", 'if chunk.get("nonce") != self.nonce or ', "if "),
        ("members", "cast(Mapping[str, Any], meta).get(\"nonce\") != self.nonce or ", ""),
    ],
    "G41": [("event", "        for kind in (cls, other):\n            try:\n                return cast(Event, load(kind, data, strict=True))\n            except ModelError:\n                continue\n", "        pass\n")],
    "G42": [
        ("reports", "if last is not None and now - last < self._every:", "if False:"),
        ("session_core", "            if self._early:\n                self.fails += 1\n", ""),
    ],
    "G43": [
        ("pulse", "took = max(0.0, now - at)", "took = now - at"),
        ("pulse", "deque(maxlen=_SAMPLES)", "deque()"),
    ],
    "G44": [("session_effects", "if type(version) is int and version > self._blank.version and not self._version_told:", "if False:")],
    "P3": [
        ("beats", "elif now - asked + PROBE_EVERY >= self._warn_after:", "elif False:"),
        ("pulse", "if due is not None and now - due > _LATE:", "if False:"),
        ("session_effects", "if self.pulse.too_soon(self._now):", "if False:"),
    ],
    "P4": [
        ("session", "if self._beats_by is not None and now >= self._beats_by:", "if False:"),
        ("heartbeat", "            self._ended = True\n            return False\n        self._schedule", "            return False\n        self._schedule"),
    ],
    "P5": [("performer", "if slept and line is not None:", "if False:")],
    "P8": [("gateway", "        if asyncio.get_running_loop() is not self.loop:\n            raise", "        if False:\n            raise")],
    "P13": [
        (
            "keeper",
            '        except Exception:\n            self._give_up("written")',
            '        except ZeroDivisionError:\n            self._give_up("written")',
        ),
        ("performer", "        except (MemoryError, RecursionError) as exc:\n            self._perform(session.fault(number, type(exc).__name__, now()))\n", "        except (MemoryError, RecursionError) as exc:\n            pass\n"),
    ],
    "P14": [("performer", "except (OSError, EOFError, ValueError) as exc:", "except (EOFError, ValueError) as exc:")],
    "P15": [
        ("performer", '        try:\n            self._on_report(action)\n        except Exception:\n            _log.exception("on_report failed")', "        self._on_report(action)"),
        ("subscriptions", '        try:\n            self._on_error(failure)\n        except Exception:\n            _log.exception("on_error failed")', "        self._on_error(failure)"),
    ],
    "P16": [
        ("incoming", "            raise Malformed(exc.reason) from exc", "            raise"),
        ("express", "or not decoders.is_ours()", ""),
    ],
    "T3": [("websocket", "max_size=max_size, logger=_silent)", "max_size=max_size)")],
    "T9": [
        ("origin", "if not discord and origin not in allowed:", "if False:"),
        ("origin", 'or "@" in parts.netloc', ""),
        ("origin", "origin.port == 443 and ", ""),
    ],
    "T10": [("websocket", "self._opened.set_exception(Rejected(response.status_code,", "self._opened.set_result(None) or print((response.status_code,")],
    "T11": [
        ("inflate", "        if self._wire > self._max_wire:\n            raise _too_large(self._wire, self._max_wire, \"on the wire\")\n", ""),
        ("inflate", "        if len(frame) > self._bound:\n", "        if False:\n"),
    ],
    "T12": [("inflate", "            self._rest += part\n", "            self._rest = bytearray(bytes(self._rest) + part)\n")],
    "T17": [("envelope", "        _check_depth(value)\n", "")],
    "T18": [
        ("etf", "if len(stack) >= MAX_DEPTH:", "if False:"),
        ("etf", "if terms > MAX_TERMS:", "if False:"),
    ],
}  # fmt: skip


def source_without(module: str, guard: str, instead: str) -> str:
    """The module's text without that guard.  ValueError where the guard is not there exactly once."""
    text = (ROOT / "runtime" / "acord" / "core" / f"{module}.py").read_text()
    if text.count(guard) != 1:
        raise ValueError(f"{module}.py has {text.count(guard)} times {guard!r}")
    return text.replace(guard, instead)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    """Finds one module, altered."""

    def __init__(self, module: str, guard: str, instead: str) -> None:
        self._name, self._text = f"acord.core.{module}", source_without(module, guard, instead)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        place = str(ROOT / "runtime" / "acord" / "core" / f"{fullname.rpartition('.')[2]}.py")
        return importlib.util.spec_from_file_location(fullname, place, loader=_Loader(fullname, place, self._text))


def is_seen(fault: str, number: int) -> bool:
    """Whether some test of that fault fails without that guard; one that never ends tells nobody anything."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "tests.tools.guards",
        "-p",
        "no:cacheprovider",
        "--timeout=60",
    ]
    try:
        done = subprocess.run(
            [*command, "-k", f"_{fault.lower()}_", "tests/gateway", "tests/fuzz"],
            cwd=ROOT,
            env=os.environ | {SWITCH: f"{fault}#{number}"},
            capture_output=True,
            timeout=300,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 1


def main() -> int:
    unseen = 0
    for fault in sys.argv[1:] or GUARDS:
        for number, (module, guard, _) in enumerate(GUARDS[fault]):
            seen = is_seen(fault, number)
            unseen += not seen
            print(f"{fault:4} {'red  ' if seen else 'GREEN'} {module}: {guard.strip().splitlines()[0]}", flush=True)
    return unseen and 1


# As a plugin of pytest, which imports it before any conftest: without the guard that the environment names.
if chosen := os.environ.get(SWITCH):
    _fault, _number = chosen.split("#")
    sys.meta_path.insert(0, _Finder(*GUARDS[_fault][int(_number)]))

if __name__ == "__main__":
    sys.exit(main())
