//! The description as one page of plain HTML: no script, nothing to load.

use std::fmt::Write;

use serde_json::{Map, Value};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8883;--soft:#8882;--accent:#2f6fde}\
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem 1rem 6rem}\
h1{font-size:1.6rem}h2{margin-top:3rem;border-bottom:1px solid var(--line)}\
h3{margin:2rem 0 .3rem;font-size:1.05rem;overflow-wrap:anywhere}\
code,.path{font-family:ui-monospace,monospace;font-size:.92em}\
.path em{font-style:normal;color:var(--accent)}\
.method{display:inline-block;min-width:4rem;margin-right:.6rem;font-weight:700}\
.role{float:right;font-size:.8rem;font-weight:400;background:var(--soft);border-radius:.6rem;\
padding:.1rem .6rem}\
p{margin:.3rem 0}.wide{overflow-x:auto}\
table{border-collapse:collapse;margin:.5rem 0;font-size:.92rem}\
th,td{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;\
border-top:1px solid var(--line)}th{font-weight:600}\
td:first-child{white-space:nowrap;min-width:6rem}nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem}\
a{color:var(--accent)}summary{cursor:pointer}";

/// Writes to the page, which takes everything.
macro_rules! add {
    ($page:expr, $($words:tt)*) => {
        write!($page, $($words)*).expect("a string takes everything")
    };
}

/// The tags, in the order in which they are read.
const TAGS: [&str; 7] = [
    "Sessions", "Terminal", "Programs", "Events", "Keys", "Daemon", "Pages",
];

/// Writes the page of an OpenAPI document.
pub(super) fn render(document: &Value) -> String {
    let mut page = String::new();
    let info = &document["info"];
    page.push_str("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    add!(
        page,
        "<title>webtty: the protocol</title><style>{STYLE}</style>"
    );
    add!(page, "<h1>webtty {}</h1>", text(&info["version"]));
    add!(page, "<p>{}</p>", prose(&info["description"]));
    page.push_str("<p>For programs: <a href=\"api/openapi.json\">openapi.json</a></p><nav>");
    for tag in TAGS {
        add!(page, "<a href=\"#{tag}\">{tag}</a>");
    }
    page.push_str("<a href=\"#Types\">Types</a></nav>");
    for tag in TAGS {
        add!(page, "<h2 id=\"{tag}\">{tag}</h2>");
        for (path, method, operation) in operations(document) {
            if operation["tags"][0] == tag {
                add_operation(&mut page, path, method, operation);
            }
        }
    }
    page.push_str("<h2 id=\"Types\">Types</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        add_type(&mut page, name, schema);
    }
    page
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    members(&document["paths"]).flat_map(|(path, methods)| {
        members(methods).map(move |(method, operation)| (path, method, operation))
    })
}

fn add_operation(page: &mut String, path: &str, method: &str, operation: &Value) {
    let role = match operation["x-role"].as_str() {
        None => "no credential",
        Some("any") => "any credential",
        Some(role) => role,
    };
    let socket = &operation["x-websocket"];
    let method = if socket.is_null() { method } else { "ws" };
    let path = escape(path).replace('{', "<em>").replace('}', "</em>");
    add!(page, "<h3 id=\"{}\">", text(&operation["operationId"]));
    add!(page, "<span class=\"role\">{role}</span>");
    add!(
        page,
        "<span class=\"method\">{}</span>",
        method.to_ascii_uppercase()
    );
    add!(page, "<span class=\"path\">{path}</span></h3>");
    add!(page, "<p>{}</p>", prose(&operation["summary"]));
    if operation["description"].is_string() {
        add!(page, "<p>{}</p>", prose(&operation["description"]));
    }
    add_parameters(page, operation);
    for (media_type, content) in members(&operation["requestBody"]["content"]) {
        let kind = kind(&content["schema"]);
        add!(
            page,
            "<p>Takes <code>{}</code>: {kind}</p>",
            escape(media_type)
        );
    }
    for (side, words) in [
        ("fromClient", "From the client"),
        ("fromServer", "From the daemon"),
    ] {
        for (form, schema) in members(&socket[side]) {
            add!(page, "<p>{words}, {form}: {}</p>", kind(schema));
        }
    }
    add_answers(page, operation);
}

fn add_parameters(page: &mut String, operation: &Value) {
    let parameters = operation["parameters"].as_array();
    let Some(parameters) = parameters.filter(|all| !all.is_empty()) else {
        return;
    };
    page.push_str("<div class=\"wide\"><table>");
    for parameter in parameters {
        let name = text(&parameter["name"]);
        let place = text(&parameter["in"]);
        let kind = kind(&parameter["schema"]);
        let about = prose(&parameter["description"]);
        add!(
            page,
            "<tr><td><code>{name}</code><td>{place}<td>{kind}<td>{about}"
        );
    }
    page.push_str("</table></div>");
}

/// The answers of this operation; what any path may answer comes folded.
fn add_answers(page: &mut String, operation: &Value) {
    let row = |page: &mut String, status: &str, answer: &Value| {
        let about = prose(&answer["description"]);
        let mut kinds: Vec<String> = Vec::new();
        for (media_type, content) in members(&answer["content"]) {
            kinds.push(format!(
                "<code>{}</code> {}",
                escape(media_type),
                kind(&content["schema"])
            ));
        }
        let kinds = kinds.join("<br>");
        add!(page, "<tr><td>{status}<td>{about}<td>{kinds}");
    };
    let (refusals, answers): (Vec<_>, Vec<_>) =
        members(&operation["responses"]).partition(|(status, _)| status.starts_with(['4', '5']));
    page.push_str("<div class=\"wide\"><table>");
    for (status, answer) in answers {
        row(page, status, answer);
    }
    page.push_str("</table></div><details><summary>Refusals</summary><div class=\"wide\"><table>");
    for (status, answer) in refusals {
        row(page, status, answer);
    }
    page.push_str("</table></div></details>");
}

fn add_type(page: &mut String, name: &str, schema: &Value) {
    let name = escape(name);
    add!(page, "<h3 id=\"type-{name}\"><code>{name}</code></h3>");
    if schema["description"].is_string() {
        add!(page, "<p>{}</p>", prose(&schema["description"]));
    }
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    if let Some(choices) = choices {
        page.push_str("<div class=\"wide\"><table>");
        for choice in choices {
            let about = prose(&choice["description"]);
            add!(page, "<tr><td>{}<td>{about}<td>", kind_of_choice(choice));
            add_members(page, choice);
        }
        page.push_str("</table></div>");
    } else if schema["properties"].is_object() {
        add_members(page, schema);
    } else {
        add!(page, "<p>{}</p>", kind(schema));
    }
}

fn add_members(page: &mut String, schema: &Value) {
    let own = |(name, member): &(&str, &Value)| {
        !(["type", "kind"].contains(name) && member["const"].is_string())
    };
    let mut all = members(&schema["properties"]).filter(own).peekable();
    if all.peek().is_none() {
        return;
    }
    let required = schema["required"].as_array();
    page.push_str("<div class=\"wide\"><table>");
    for (name, member) in all {
        let needed = required.is_some_and(|names| names.iter().any(|one| one == name));
        let mark = if needed { "" } else { "?" };
        let (name, kind, about) = (escape(name), kind(member), prose(&member["description"]));
        add!(
            page,
            "<tr><td><code>{name}{mark}</code><td>{kind}<td>{about}"
        );
    }
    page.push_str("</table></div>");
}

/// The word that tells a choice from the others.
fn kind_of_choice(choice: &Value) -> String {
    let properties = &choice["properties"];
    let word = [&properties["type"], &properties["kind"], choice]
        .into_iter()
        .find_map(|one| one["const"].as_str());
    word.map_or_else(
        || kind(choice),
        |word| format!("<code>{}</code>", escape(word)),
    )
}

/// What a schema takes, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    for choices in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choices].as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words
            .iter()
            .map(|word| format!("<code>{}</code>", escape(&word.to_string())));
        return words.collect::<Vec<_>>().join(" or ");
    }
    if !schema["const"].is_null() {
        return format!("<code>{}</code>", escape(&schema["const"].to_string()));
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    match &schema["type"] {
        Value::String(name) => escape(name),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str);
            names.collect::<Vec<_>>().join(" or ")
        }
        _ => schema["description"]
            .as_str()
            .map_or_else(|| "any JSON".to_owned(), escape),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flat_map(Map::iter)
        .map(|(name, member)| (name.as_str(), member))
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// Words for people, in which code stands between backticks.
fn prose(value: &Value) -> String {
    let mut written = String::new();
    for (at, part) in text(value).split('`').enumerate() {
        if at % 2 == 1 {
            add!(written, "<code>{part}</code>");
        } else {
            written.push_str(part);
        }
    }
    written
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
