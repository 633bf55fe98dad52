"""Texts that somebody might put into a document to make the generator, or what it generates, do something."""

PAYLOAD = '__import__("pathlib").Path("CANARY").touch()'
STRINGS = [
    # code
    PAYLOAD, f"x\n{PAYLOAD}", f"x\r\n{PAYLOAD}\n", f"x; {PAYLOAD}", f'"; {PAYLOAD}; "', f"'; {PAYLOAD}; '",
    f'"""\n{PAYLOAD}\n"""', f"'''\n{PAYLOAD}\n'''", f'\\"""\n{PAYLOAD}\n"""', f'\\\\"""\n{PAYLOAD}\n', f'""""{PAYLOAD}""""',
    f"\\\n{PAYLOAD}", "x\\", "x\\\\", f"x = {PAYLOAD}", f"x: int = {PAYLOAD}", f"x={PAYLOAD}, *, y", f"x) or ({PAYLOAD}",
    f"x] + [{PAYLOAD}", f"#\n{PAYLOAD}", f"# -*- coding: utf-7 -*-\n+{PAYLOAD}", f"x\x0c{PAYLOAD}", f"x\u2028{PAYLOAD}",
    f"x\u2029{PAYLOAD}", f"x\x85{PAYLOAD}", f"x\x0b{PAYLOAD}", f"x\x1c{PAYLOAD}", f"x\x00{PAYLOAD}", f"{{{PAYLOAD}}}",
    f"f'{{{PAYLOAD}}}'", f"Model): {PAYLOAD}\nclass Y(Model", f"int = {PAYLOAD}", f"Literal[{PAYLOAD}]", f"A({PAYLOAD})",
    f"lambda: {PAYLOAD}", f"@{PAYLOAD}\n", f"-> {PAYLOAD}:", f"list[{PAYLOAD}]", f"x if {PAYLOAD} else y", f"$({PAYLOAD})",
    "`id`", "$(id)", "; import os; os.system('id')", "import os", "from os import system", "os.system", "exec", "eval",
    # templates
    "{{ 7 * 7 }}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{% for x in y %}", "{% endfor %}", "{#", "#}",
    "{% include '/etc/passwd' %}", "{% raw %}", "{%- if x -%}", "{{", "}}", "%}", "# for x in y", "${x}", "%(x)s", "{0}", "{x!r}",
    # names of Python's and ours
    "class", "def", "import", "None", "True", "False", "lambda", "async", "await", "match", "case", "type", "self", "cls",
    "__init__", "__class__", "__del__", "__getattr__", "__import__", "__builtins__", "__pydantic_init_subclass__", "__all__",
    "_", "__", "___", "_private", "_FUTURE", "_conn", "conn", "dump", "load", "model_config", "model_fields", "model_dump",
    "model_post_init", "json", "copy", "dict", "schema", "validate", "construct", "list", "str", "int", "bool", "object", "id",
    "print", "mro", "MRO", "name", "value", "names", "Model", "Request", "Field", "Annotated", "Literal", "Any", "TypeAlias",
    "Snowflake", "Timestamp", "MISSING", "Missing", "Enum", "Object", "Ref", "Route", "Operation", "TYPE_CHECKING", "datetime",
    "files", "reason", "items", "acord", "typing", "pydantic", "enums", "likes", "dicts", "official", "requests_x", "validate_",
    # paths
    "../x", "../../x", "..", ".", "/etc/passwd", "a/../../b", "..\\x", "C:\\x", "a.b", "a/b", "~root", "CON", "x.py", "%2e%2e%2f",
    "file:///etc/passwd", "http://127.0.0.1:9/x", "#/components/schemas/X", "a\x00b", "a" * 300, "." * 100,
    # keys that datamodel-code-generator obeys
    "x-python-type", "x-python-import", "customTypePath", "customBasePath", "$ref", "$id", "$dynamicRef", "os.system",
    # letters that are not what they look like
    "cl\u0430ss", "\uff49mport", "\ufb01le", "\u212bngstrom", "I\u0307d", "\u0131d", "na\u00efve", "\u540d\u524d", "\U0001f600",
    "\u202eexec\u202c", "a\u202eb", "\u2066x\u2069", "\u200bx", "x\u200d", "\ufeffx", "e\u0301", "\u00e9", "\U000e0041", "\u3164",
    # quotes and spaces
    '"', "'", '""', '"""', "'''", '""""""', '\\"', "\\'", "\\", "\\\\", "\\n", "\\x41", "\\u0041", "\\N{BULLET}", "\n", "\r", "\t",
    "", " ", "  x  ", "x ", "\x00", "\x07", "\x1b[31m", "\x7f", "\x9b", "a\nb", "a\tb", "a: b", "- a", "? a", "#", "a #b", "!!x", "&a",
    "*a", "@a", "|", ">", "%x", "---", "...", "~", "null", "yes", "on", "1", "0x10", "1e999", "NaN", "-1", "1_000", "2026-07-18",
]  # fmt: skip
STRINGS = list(dict.fromkeys(STRINGS))
