// Turns the protocol's JSON Schema into TypeScript types. The schema is made from the Rust types,
// so that there is one definition of every message. Only the parts of JSON Schema that occur
// there are known; anything else is an error, not a guess.

import { readFileSync, writeFileSync } from "node:fs";

const schemaFile = new URL("../../webtty-protocol/schema/protocol.json", import.meta.url);
const typesFile = new URL("../client/src/generated/protocol.ts", import.meta.url);

/** The type of a schema, on one line unless it is an object. */
function typeOf(schema, indent) {
  // A schema that says nothing but what it is for takes anything.
  if (schema === true || Object.keys(schema).every((key) => key === "description")) return "unknown";
  const parts = [];
  if (schema.$ref) parts.push(nameOf(schema.$ref));
  const shape = shapeOf(schema, indent);
  if (shape) parts.push(shape);
  if (parts.length === 0) throw new Error(`a schema of an unknown kind: ${JSON.stringify(schema)}`);
  return parts.join(" & ");
}

function shapeOf(schema, indent) {
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return unionOf(choices, indent);
  if (schema.properties) return objectOf(schema, indent);
  const types = [schema.type ?? []].flat();
  return types.map((type) => plainTypeOf(type, schema, indent)).join(" | ");
}

function plainTypeOf(type, schema, indent) {
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `Array<${typeOf(schema.items, indent)}>`;
    case "object":
      return `{ [name: string]: ${typeOf(schema.additionalProperties ?? true, indent)} }`;
    default:
      throw new Error(`a type of an unknown kind: ${type}`);
  }
}

function unionOf(choices, indent) {
  const types = choices.map((choice) => typeOf(choice, `${indent}  `));
  if (types.every((type) => !type.includes("\n"))) return types.join(" | ");
  return types.map((type) => `\n${indent}  | ${type}`).join("");
}

function objectOf(schema, indent) {
  const required = new Set(schema.required ?? []);
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const mark = required.has(name) ? "" : "?";
    return `${comment(property, inner)}${inner}${name}${mark}: ${typeOf(property, inner)};\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}

function comment(schema, indent) {
  const text = schema.description;
  if (!text) return "";
  const lines = text.replaceAll("*/", "* /").split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

function nameOf(reference) {
  return reference.replace("#/$defs/", "");
}

const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
const types = Object.entries(schema.$defs)
  .map(([name, definition]) => `\n${comment(definition, "")}export type ${name} = ${typeOf(definition, "")};\n`)
  .join("")
  .replaceAll(/ +$/gm, "");
writeFileSync(
  typesFile,
  `// @generated from crates/webtty-protocol/schema/protocol.json by \`npm run generate\`.\n${types}`,
);
