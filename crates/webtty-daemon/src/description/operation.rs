//! What one method of one path takes and answers.

use serde_json::{Map, Value, json};

/// A method of a path.
pub(super) struct Operation {
    tag: &'static str,
    summary: &'static str,
    details: &'static str,
    /// What stands for the `{}` of the route's pattern.
    parameter: Option<Parameter>,
    query: Vec<Parameter>,
    body: Option<Value>,
    answers: Vec<(u16, Value)>,
    refusals: Vec<(u16, &'static str)>,
    socket: Option<Value>,
}

struct Parameter {
    name: &'static str,
    about: &'static str,
    schema: Value,
}

/// What any path may answer instead.
const ANYWHERE: [(u16, &str); 9] = [
    (
        400,
        "The request is malformed, or shows a credential in its query.",
    ),
    (
        403,
        "The request comes from a page of another site, or the credential does not allow this.",
    ),
    (408, "The request did not come in time."),
    (414, "The target is too long."),
    (421, "The Host is none of this daemon's names."),
    (
        429,
        "Too many attempts were refused; `Retry-After` says how long to wait.",
    ),
    (431, "The head of the request is too large."),
    (500, "webtty is at fault."),
    (503, "The daemon stops, or has no connection to spare."),
];

impl Operation {
    pub(super) fn new(tag: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            details: "",
            parameter: None,
            query: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
            socket: None,
        }
    }

    /// More words on what it does.
    pub(super) fn details(mut self, details: &'static str) -> Self {
        self.details = details;
        self
    }

    /// The session whose id is in the path.
    pub(super) fn of_session(self) -> Self {
        let operation = self.of("session", "The session's id.", reference("SessionId"));
        operation.refuses(404, "There is no such session.")
    }

    /// What the path names.
    pub(super) fn of(mut self, name: &'static str, about: &'static str, schema: Value) -> Self {
        self.parameter = Some(Parameter {
            name,
            about,
            schema,
        });
        self
    }

    /// A parameter of the query; none is required.
    pub(super) fn query(mut self, name: &'static str, schema: Value, about: &'static str) -> Self {
        self.query.push(Parameter {
            name,
            about,
            schema,
        });
        self
    }

    /// It takes a JSON body of this type.
    pub(super) fn takes(self, schema: &str) -> Self {
        self.takes_one_of(&[("application/json", reference(schema))])
            .refuses(413, "The body is too large.")
            .refuses(415, "The body is no application/json.")
    }

    /// It takes a body of one of these content types.
    pub(super) fn takes_one_of(mut self, contents: &[(&str, Value)]) -> Self {
        self.body = Some(json!({ "content": content(contents) }));
        self
    }

    /// It answers JSON of this type.
    pub(super) fn gives(self, status: u16, about: &str, schema: Value) -> Self {
        self.gives_one_of(status, about, &[("application/json", schema)])
    }

    /// It answers with one of these content types, or without any.
    pub(super) fn gives_one_of(
        mut self,
        status: u16,
        about: &str,
        contents: &[(&str, Value)],
    ) -> Self {
        let mut answer = json!({ "description": about });
        if !contents.is_empty() {
            answer["content"] = content(contents);
        }
        self.answers.push((status, answer));
        self
    }

    /// The last answer has this header.
    pub(super) fn with_header(mut self, name: &str, about: &str, schema: &Value) -> Self {
        if let Some((_, answer)) = self.answers.last_mut() {
            answer["headers"][name] = json!({ "description": about, "schema": schema });
        }
        self
    }

    /// It refuses with this status for a reason of its own.
    pub(super) fn refuses(mut self, status: u16, about: &'static str) -> Self {
        self.refusals.push((status, about));
        self
    }

    /// It is a WebSocket.
    pub(super) fn upgrades(mut self, socket: Value) -> Self {
        self.socket = Some(socket);
        self.gives_one_of(101, "The connection is a WebSocket from now on.", &[])
            .refuses(426, "This path is a WebSocket.")
    }

    /// The path in OpenAPI's form.
    pub(super) fn path(&self, pattern: &str) -> String {
        let name = self.parameter.as_ref().map_or("", |one| one.name);
        let name = format!("{{{name}}}");
        pattern.replace("{*}", &name).replace("{}", &name)
    }

    /// The operation object of OpenAPI. Without a role it needs no credential.
    pub(super) fn describe(mut self, name: &str, role: Option<&str>) -> Value {
        let mut described = json!({
            "operationId": name,
            "tags": [self.tag],
            "summary": self.summary,
        });
        if !self.details.is_empty() {
            described["description"] = self.details.into();
        }
        match role {
            Some(role) => {
                described["security"] = json!([{ "token": [] }]);
                described["x-role"] = role.into();
                self.refusals.push((401, "There is no valid credential."));
            }
            None => described["security"] = json!([]),
        }
        let parameters = self.parameters();
        if !parameters.is_empty() {
            described["parameters"] = parameters.into();
        }
        if let Some(body) = self.body.take() {
            described["requestBody"] = body;
        }
        if let Some(socket) = self.socket.take() {
            described["x-websocket"] = socket;
        }
        described["responses"] = self.responses();
        described
    }

    fn parameters(&self) -> Vec<Value> {
        let describe = |place: &str, one: &Parameter| {
            json!({
                "name": one.name,
                "in": place,
                "required": place == "path",
                "description": one.about,
                "schema": one.schema,
            })
        };
        let path = self.parameter.iter().map(|one| describe("path", one));
        path.chain(self.query.iter().map(|one| describe("query", one)))
            .collect()
    }

    fn responses(self) -> Value {
        let mut responses: Map<String, Value> = Map::new();
        for (status, answer) in self.answers {
            responses.insert(status.to_string(), answer);
        }
        // A reason of its own comes before what any path may say.
        for (status, about) in self.refusals.into_iter().chain(ANYWHERE) {
            let refusal = responses
                .entry(status.to_string())
                .or_insert_with(|| json!({ "description": about }));
            let as_json = json!({ "schema": reference("ErrorBody") });
            if refusal["content"].get("application/json").is_none() {
                refusal["content"]["application/json"] = as_json;
            }
        }
        Value::Object(responses)
    }
}

fn content(contents: &[(&str, Value)]) -> Value {
    let of_type = |(media_type, schema): &(&str, Value)| {
        ((*media_type).to_owned(), json!({ "schema": schema }))
    };
    Value::Object(contents.iter().map(of_type).collect())
}

/// A type of the protocol.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Any number of a type of the protocol.
pub(super) fn list_of(name: &str) -> Value {
    json!({ "type": "array", "items": reference(name) })
}

/// Lines of JSON, each of a type of the protocol.
pub(super) fn lines_of(name: &str) -> Value {
    json!({ "type": "string", "x-line": reference(name) })
}

/// Text.
pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// A number that counts something.
pub(super) fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// One of these words.
pub(super) fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}
