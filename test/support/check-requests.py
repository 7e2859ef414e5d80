"""
Checks requests against botocore's models of AWS's APIs. Reads a list of requests as JSON: each has `service` and `operation`, and either
`input`, its parameters, or `wire`, the HTTP request, from which the parameters are read by the model. Writes a list of what is wrong.
"""
import base64
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qsl, unquote

import botocore.session
from botocore.validate import ParamValidator

session = botocore.session.get_session()

# Java's classes of characters, as far as AWS's patterns of tags have them.
CLASSES = {r"\p{L}": r"^\W\d_", r"\p{Z}": r"\s", r"\p{N}": r"\d"}
LETTERS = "A-Za-z\u00aa-\uffff"


class Unreadable(Exception):
    """The request is not one that the model describes."""


def name_of(shape, member):
    return shape.members[member].serialization.get("name", member)


def unknown(names, shape, where):
    known = {name_of(shape, member) for member in shape.members}
    strange = sorted(set(names) - known)
    if strange:
        raise Unreadable(f"{where or 'the request'} has {', '.join(strange)}, which {shape.name} has not")


def scalar(text, shape):
    """A value that was sent as text."""
    kind = shape.type_name
    if kind in ("integer", "long"):
        return int(text)
    if kind in ("float", "double"):
        return float(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise Unreadable(f"{text} is no boolean")
        return text == "true"
    if kind == "blob":
        return base64.b64decode(text)
    return text


def from_json(value, shape, where=""):
    """JSON has its types: a number that was sent as a string stays one, and is a fault."""
    if shape.type_name == "structure" and isinstance(value, dict):
        if getattr(shape, "is_document_type", False):
            return value
        unknown(value, shape, where)
        return {
            member: from_json(value[name_of(shape, member)], inner, f"{where}.{member}")
            for member, inner in shape.members.items()
            if name_of(shape, member) in value
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [from_json(each, shape.member, where) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: from_json(each, shape.value, where) for key, each in value.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        return base64.b64decode(value, validate=True)
    return value


def from_query(tree, shape, where=""):
    """The query protocol: `Tags.member.1.Key`. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html"""
    if shape.type_name == "structure":
        if not isinstance(tree, dict):
            raise Unreadable(f"{where} is {tree}, no structure")
        unknown(tree, shape, where)
        return {
            member: from_query(tree[name_of(shape, member)], inner, f"{where}.{member}")
            for member, inner in shape.members.items()
            if name_of(shape, member) in tree
        }
    if shape.type_name in ("list", "map"):
        if tree == "":
            return [] if shape.type_name == "list" else {}
        flat = shape.serialization.get("flattened")
        inner = "entry" if shape.type_name == "map" else shape.member.serialization.get("name", "member")
        entries = tree if flat else tree.get(inner, {})
        if not flat and set(tree) != {inner}:
            raise Unreadable(f"{where} has {', '.join(sorted(tree))} instead of {inner}")
        numbers = sorted(entries, key=int)
        if numbers != [str(at + 1) for at in range(len(numbers))]:
            raise Unreadable(f"{where} is numbered {', '.join(numbers)}")
        if shape.type_name == "list":
            return [from_query(entries[number], shape.member, where) for number in numbers]
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        return {entries[number][key]: from_query(entries[number][value], shape.value, where) for number in numbers}
    return scalar(tree, shape)


def grown(pairs):
    tree = {}
    for name, value in pairs:
        *path, last = name.split(".")
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
        branch[last] = value
    return tree


def bare(tag):
    return tag.rsplit("}", 1)[-1]


def from_xml(element, shape, where=""):
    if shape.type_name == "structure":
        attributes = {m: s for m, s in shape.members.items() if s.serialization.get("xmlAttribute")}
        plain = {m: s for m, s in shape.members.items() if m not in attributes}
        strange = {bare(child.tag) for child in element} - {name_of(shape, member) for member in plain}
        if strange:
            raise Unreadable(f"{where} has {', '.join(sorted(strange))}, which {shape.name} has not")
        found = {}
        for member, inner in plain.items():
            children = [child for child in element if bare(child.tag) == name_of(shape, member)]
            if not children:
                continue
            if inner.serialization.get("flattened"):
                found[member] = [from_xml(child, inner.member, f"{where}.{member}") for child in children]
            elif len(children) > 1:
                raise Unreadable(f"{where}.{member} is there {len(children)} times")
            else:
                found[member] = from_xml(children[0], inner, f"{where}.{member}")
        for member, inner in attributes.items():
            short = name_of(shape, member).split(":")[-1]
            for name, value in element.attrib.items():
                if bare(name) == short:
                    found[member] = scalar(value, inner)
        return found
    if shape.type_name == "list":
        inner = shape.member.serialization.get("name", "member")
        if any(bare(child.tag) != inner for child in element):
            raise Unreadable(f"{where} has other elements than {inner}")
        return [from_xml(child, shape.member, where) for child in element]
    return scalar(element.text or "", shape)


# What S3's clients send beside the operation's parameters.
UNMODELLED = {"x-id"}


def from_rest(wire, model, body_of):
    """The REST protocols: path, query, headers and body."""
    if wire["method"] != model.http["method"]:
        raise Unreadable(f"{wire['method']} instead of {model.http['method']}")
    uri, _, literals = model.http["requestUri"].partition("?")
    pattern = re.sub(r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", re.escape(uri))
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", pattern)
    match = re.fullmatch(pattern.rstrip("/") + "/?", wire["path"])
    if not match:
        raise Unreadable(f"{wire['path']} is not {uri}")
    query = {}
    for name, value in wire["query"]:
        query.setdefault(name, []).append(value)
    for name, value in parse_qsl(literals, keep_blank_values=True):
        if query.pop(name, None) != [value]:
            raise Unreadable(f"no {name} in the query")
    shape = model.input_shape
    params, rest = {}, {}
    for member, inner in shape.members.items() if shape else ():
        name = name_of(shape, member)
        place = inner.serialization.get("location")
        if place == "uri":
            params[member] = scalar(unquote(match.group(name)), inner)
        elif place == "querystring":
            values = query.pop(name, None)
            if values is not None and inner.type_name == "list":
                params[member] = [scalar(each, inner.member) for each in values]
            elif values is not None:
                params[member] = scalar(values[0], inner)
        elif place == "header":
            value = wire["headers"].get(name.lower())
            if value is not None and inner.type_name == "list":
                params[member] = [each.strip() for each in value.split(",")]
            elif value is not None:
                params[member] = scalar(value, inner)
        elif place == "headers":
            prefix = name.lower()
            found = {key[len(prefix):]: value for key, value in wire["headers"].items() if key.startswith(prefix)}
            if found:
                params[member] = found
        elif member != shape.serialization.get("payload"):
            rest[member] = inner
    strange = set(query) - UNMODELLED
    if strange:
        raise Unreadable(f"{', '.join(sorted(strange))} in the query")
    payload = shape.serialization.get("payload") if shape else None
    body = base64.b64decode(wire["body"])
    if payload and body:
        inner = shape.members[payload]
        params[payload] = body if inner.type_name in ("blob", "string") else body_of(body, inner, payload)
        if inner.type_name == "string":
            params[payload] = body.decode()
    elif rest and body:
        params.update(body_of(body, shape, ""))
    elif body and not payload and not rest:
        raise Unreadable("a body where the operation has none")
    return params


def json_body(body, shape, _where):
    return from_json(json.loads(body), shape)


def xml_body(body, shape, where):
    element = ElementTree.fromstring(body)
    expected = shape.serialization.get("name")
    if expected and bare(element.tag) != expected:
        raise Unreadable(f"<{bare(element.tag)}> instead of <{expected}>")
    return from_xml(element, shape, where)


def params_of(wire, service, model):
    protocols = service.metadata.get("protocols", [service.metadata["protocol"]])
    if "rest-json" in protocols:
        return from_rest(wire, model, json_body)
    if "rest-xml" in protocols:
        return from_rest(wire, model, xml_body)
    body = base64.b64decode(wire["body"])
    if "x-amz-target" in wire["headers"]:
        target = f"{service.metadata.get('targetPrefix')}.{model.name}"
        if service.metadata.get("targetPrefix") and wire["headers"]["x-amz-target"] != target:
            raise Unreadable(f"the target {wire['headers']['x-amz-target']} instead of {target}")
        return from_json(json.loads(body), model.input_shape) if model.input_shape else {}
    pairs = dict(parse_qsl(body.decode(), keep_blank_values=True))
    sent = (pairs.pop("Action", None), pairs.pop("Version", None))
    if sent != (model.name, service.api_version):
        raise Unreadable(f"the action and version {sent}")
    return from_query(grown(pairs.items()), model.input_shape) if model.input_shape else {}


def compiled(pattern):
    for java, here in CLASSES.items():
        pattern = pattern.replace(java, LETTERS if java == r"\p{L}" else here)
    return re.compile(pattern.replace(r"[\w-_]", r"[\w\-_]"), re.DOTALL)


TYPES = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "blob": (bytes, str),
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}


def limits(value, shape, where):
    """What botocore itself leaves to the service: enumerations, patterns, the most of everything; at every depth."""
    expected = TYPES.get(shape.type_name)
    if expected and not isinstance(value, expected):
        # botocore's own check reports that.
        return
    if shape.type_name == "structure":
        for member, inner in shape.members.items():
            if value.get(member) is not None:
                yield from limits(value[member], inner, f"{where}.{member}")
        return
    if shape.type_name == "list":
        for at, each in enumerate(value):
            yield from limits(each, shape.member, f"{where}[{at}]")
    if shape.type_name == "map":
        for key, each in value.items():
            yield from limits(key, shape.key, f"{where} key {key}")
            yield from limits(each, shape.value, f"{where}.{key}")
    least, most, pattern = (shape.metadata.get(name) for name in ("min", "max", "pattern"))
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    size = value if number else len(value) if isinstance(value, (str, bytes, list, dict)) else None
    if size is not None and most is not None and size > most:
        yield f"{where} is {size}, more than {most}"
    if size is not None and least is not None and size < least:
        yield f"{where} is {size}, less than {least}"
    if isinstance(value, str):
        enum = getattr(shape, "enum", None)
        if enum and value not in enum:
            yield f"{where} is {value}, not one of {enum}"
        if pattern and not compiled(pattern).fullmatch(value):
            yield f"{where} is {value}, not {pattern}"


def faults_of(request):
    service = session.get_service_model(request["service"])
    if request["operation"] not in service.operation_names:
        return [f"{request['service']} has no {request['operation']}"]
    model = service.operation_model(request["operation"])
    try:
        params = request["input"] if "input" in request else params_of(request["wire"], service, model)
    except (Unreadable, ValueError, KeyError, AttributeError, ElementTree.ParseError) as fault:
        return [f"{type(fault).__name__ if not isinstance(fault, Unreadable) else 'unreadable'}: {fault}"]
    if model.input_shape is None:
        return [f"parameters where there are none: {params}"] if params else []
    report = ParamValidator().validate(params, model.input_shape)
    broken = [report.generate_report()] if report.has_errors() else []
    return broken + list(limits(params, model.input_shape, ""))


faults = []
for request in json.load(sys.stdin):
    faults += [f"{request['service']} {request['operation']}: {fault}" for fault in faults_of(request)]
print(json.dumps(faults))
