//! Changing one value in a JSON text and leaving the rest as somebody has written it.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;

/// Why a value cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EditError {
    /// The text is not a JSON object.
    NotAnObject,
    /// A name on the way to the value is of something that is no object.
    NotAPlace,
}

/// The text with the value at this place, a name in each object, which is made if need be.
/// `value` is JSON.
pub(crate) fn set(text: &str, place: &[&str], value: &str) -> Result<String, EditError> {
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    if !trimmed.starts_with('{') {
        return Err(EditError::NotAnObject);
    }
    set_in(text, start..start + trimmed.len(), place, value, 1)
}

fn set_in(
    text: &str,
    object: Range<usize>,
    place: &[&str],
    value: &str,
    depth: usize,
) -> Result<String, EditError> {
    let (name, rest) = place.split_first().ok_or(EditError::NotAPlace)?;
    let members = members(text, object.clone()).ok_or(EditError::NotAnObject)?;
    if let Some(old) = members.get(*name) {
        if rest.is_empty() {
            return Ok(spliced(text, old.clone(), value));
        }
        if !text[old.clone()].starts_with('{') {
            return Err(EditError::NotAPlace);
        }
        return set_in(text, old.clone(), rest, value, depth + 1);
    }
    let value = rest.iter().rev().fold(value.to_owned(), |inner, name| {
        format!("{{ {}: {inner} }}", quoted(name))
    });
    let member = format!("{}: {value}", quoted(name));
    let last = members.values().max_by_key(|range| range.end);
    Ok(match last {
        Some(last) => {
            let gap = gap(text, &object, last);
            spliced(text, last.end..last.end, &format!(",{gap}{member}"))
        }
        None => {
            let (inner, outer) = ("  ".repeat(depth), "  ".repeat(depth - 1));
            spliced(text, object, &format!("{{\n{inner}{member}\n{outer}}}"))
        }
    })
}

/// Where the values of an object's members stand in the text.
fn members(text: &str, object: Range<usize>) -> Option<BTreeMap<String, Range<usize>>> {
    let raw: BTreeMap<String, &RawValue> = serde_json::from_str(&text[object]).ok()?;
    let place = |value: &RawValue| {
        let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
        start..start + value.get().len()
    };
    Some(
        raw.into_iter()
            .map(|(name, value)| (name, place(value)))
            .collect(),
    )
}

/// What stands before a member: a line end and the indentation of the others, or a space.
fn gap<'a>(text: &'a str, object: &Range<usize>, last: &Range<usize>) -> &'a str {
    let before = &text[object.start + 1..last.start];
    let white = before.len() - before.trim_start().len();
    let first = &before[..white];
    if first.contains('\n') { first } else { " " }
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

fn spliced(text: &str, range: Range<usize>, with: &str) -> String {
    [&text[..range.start], with, &text[range.end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str, place: &str, value: &str) -> String {
        let place: Vec<&str> = place.split('.').collect();
        set(text, &place, value).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn only_the_value_changes() {
        let text = "{\n\t\"cols\" : 80,   \"theme\": {\"red\": \"#f00\"},\n\n\t\"rows\":24\n}\n";
        assert_eq!(done(text, "cols", "90"), text.replace("80", "90"));
        assert_eq!(
            done(text, "theme.red", "\"red\""),
            text.replace("#f00", "red")
        );
        assert_eq!(done(text, "rows", "30"), text.replace("24", "30"));
    }

    #[test]
    fn what_is_new_stands_as_the_others_do() {
        assert_eq!(done("{}", "cols", "90"), "{\n  \"cols\": 90\n}");
        assert_eq!(done("{}\n", "a.b", "1"), "{\n  \"a\": { \"b\": 1 }\n}\n");
        assert_eq!(done("{\"a\": 1}", "b", "2"), "{\"a\": 1, \"b\": 2}");
        assert_eq!(
            done("{\n    \"a\": 1\n}\n", "b", "2"),
            "{\n    \"a\": 1,\n    \"b\": 2\n}\n"
        );
        assert_eq!(
            done("{\n  \"a\": {}\n}", "a.b", "2"),
            "{\n  \"a\": {\n    \"b\": 2\n  }\n}"
        );
        assert_eq!(
            done("{\n  \"a\": {\n    \"x\": 1\n  }\n}", "a.b", "2"),
            "{\n  \"a\": {\n    \"x\": 1,\n    \"b\": 2\n  }\n}"
        );
    }

    #[test]
    fn what_has_no_such_place_is_left_alone() {
        assert_eq!(set("[]", &["a"], "1"), Err(EditError::NotAnObject));
        assert_eq!(set("{", &["a"], "1"), Err(EditError::NotAnObject));
        assert_eq!(
            set("{\"a\": 1}", &["a", "b"], "1"),
            Err(EditError::NotAPlace)
        );
    }
}
