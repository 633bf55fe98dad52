"""IR -> OpenAPI 3.1: the REST part with our corrections, for tools that read such a file."""

from __future__ import annotations

from codegen.ir import Field, Operation, Spec
from codegen.jsonschema import Json, Writer
from codegen.notation import Array, Nullable, Primitive, Type

MEDIA = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}
_SCHEMES = {"bot": "BotToken", "oauth2": "OAuth2", "basic": "Basic"}
# Limits of the header: Discord docs, Resources > Audit Log.
_REASON = {
    "name": "X-Audit-Log-Reason",
    "in": "header",
    "description": "Percent-encoded; shown in the guild's audit log.",
    "schema": {"type": "string", "minLength": 1},
}


def document(spec: Spec) -> Json:
    """The whole document; the same spec gives the same document."""
    writer = Writer(lambda name: f"#/components/schemas/{name}")
    paths: dict[str, Json] = {}
    for operation in sorted(spec.operations.values(), key=lambda op: (op.path, op.method)):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _Operation(spec, writer, operation).written()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Discord HTTP API, as corrected by ACord",
            "version": str(spec.api_version),
            "description": f"Made from the official document of {spec.published}; every enum is open.",
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": spec.api_url}],
        "tags": [{"name": name} for name in spec.resources],
        "paths": paths,
        "components": {
            "schemas": {name: writer.schema(schema) for name, schema in sorted(spec.schemas.items())},
            "securitySchemes": {
                "BotToken": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Bot ` and the token.",
                },
                "OAuth2": {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {
                            "authorizationUrl": "https://discord.com/api/oauth2/authorize",
                            "tokenUrl": "https://discord.com/api/oauth2/token",
                            "refreshUrl": "https://discord.com/api/oauth2/token",
                            "scopes": dict.fromkeys(spec.scopes, ""),
                        }
                    },
                },
                "Basic": {"type": "http", "scheme": "basic"},
            },
        },
    }


class _Operation:
    def __init__(self, spec: Spec, writer: Writer, operation: Operation) -> None:
        self.spec, self.writer, self.op = spec, writer, operation

    def written(self) -> Json:
        """One operation."""
        op = self.op
        found: Json = {"operationId": op.name, "tags": [op.resource]}
        if op.note:
            found["description"] = op.note
        if op.docs:
            found["externalDocs"] = {"url": op.docs}
        if op.deprecated:
            found["deprecated"] = True
        parameters = [
            *(self._parameter("path", f) for f in op.path_fields),
            *(self._parameter("query", f) for f in op.query),
        ]
        if op.reason:
            parameters.append(_REASON)
        if parameters:
            found["parameters"] = parameters
        body = self._body()
        if body:
            found["requestBody"] = body
        found["responses"] = self._responses()
        found["security"] = [self._security(kind) for kind in op.auth]
        return found

    def _parameter(self, where: str, field: Field) -> Json:
        found: Json = {"name": field.name, "in": where, "schema": self.writer.type(field.type)}
        if where == "path" or field.required:
            found["required"] = True
        if field.deprecated:
            found["deprecated"] = True
        if where == "query" and field.name in self.op.comma:
            found |= {"style": "form", "explode": False}
        return found

    def _security(self, kind: str) -> Json:
        if kind == "none":
            return {}
        return {_SCHEMES[kind]: sorted(self.op.scopes) if kind == "oauth2" else []}

    # --- body -----------------------------------------------------------------------------------------

    def _body(self) -> Json:
        op = self.op
        media = [*op.media, *(["multipart"] if op.files and "multipart" not in op.media else [])]
        content: Json = {}
        for kind in media:
            if kind == "multipart" and (op.uploads or op.files):
                content[MEDIA[kind]] = self._multipart()
            elif op.body is not None:
                content[MEDIA[kind]] = {"schema": self.writer.type(op.body)}
        if not content:
            return {}
        required = op.body_required or any(upload.required for upload in op.uploads)
        return {"content": content} | ({"required": True} if required else {})

    def _multipart(self) -> Json:
        """Files as parts; the JSON body as the part ``payload_json``, or each field as a part of its own."""
        op = self.op
        parts = self.writer.object(op.uploads)
        if "[" in op.files:
            name = op.files.partition("[")[0]
            parts["properties"] = {}
            parts["patternProperties"] = {rf"^{name}\[\d+\]$": self.writer.type(Primitive("string", "binary"))}
        if op.body is None:
            return {"schema": parts}
        if op.form == "fields":
            return {"schema": {"allOf": [self.writer.type(op.body), parts]}}
        parts["properties"]["payload_json"] = self.writer.type(op.body)
        return {"schema": parts, "encoding": {"payload_json": {"contentType": MEDIA["json"]}}}

    # --- answers --------------------------------------------------------------------------------------

    def _responses(self) -> Json:
        found: Json = {str(status): self._answer(status, kind) for status, kind in self.op.returns}
        for status, media in self.op.answers.items():
            found[str(status)] = {"description": "A file.", "content": {media: {"schema": _BINARY}}}
        for name, code, says in (
            ("RatelimitedResponse", "429", "Too many requests."),
            ("ErrorResponse", "4XX", "Refused."),
        ):
            if name in self.spec.schemas:
                found[code] = {"description": says, "content": {MEDIA["json"]: {"schema": self.writer.ref(name)}}}
        return found or {"204": {"description": "Nothing."}}

    def _answer(self, status: int, kind: Type | None) -> Json:
        if kind is None:
            return {"description": "Nothing."}
        inner = kind.inner if isinstance(kind, Nullable) else kind
        says = (
            "A list." if isinstance(inner, Array) else "The answer." if status < 202 else "Accepted; ask again later."
        )
        return {"description": says, "content": {MEDIA["json"]: {"schema": self.writer.type(kind)}}}


_BINARY: Json = {"type": "string", "contentMediaType": "application/octet-stream"}
