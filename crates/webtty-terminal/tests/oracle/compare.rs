//! The two directions of the comparison.

use serde_json::{Value, json};
use webtty_terminal::{History, Reply};

use crate::driver::{Oracle, Script, Step, apply, engine, lines, new_json, step_json};

/// What came of one script.
#[derive(Debug)]
pub(crate) enum Outcome {
    Exact,
    /// xterm.js threw an exception, so there is nothing to compare with.
    Failed(String),
    Differs(String),
}

fn first_difference(what: &str, expected: &[String], found: &[String]) -> Option<String> {
    let n = expected.len().max(found.len());
    let at = |lines: &[String], i: usize| lines.get(i).cloned().unwrap_or_default();
    let i = (0..n).find(|&i| at(expected, i) != at(found, i))?;
    let (expected, found) = (at(expected, i), at(found, i));
    Some(format!(
        "{what}, line {i}:\n    xterm.js {}\n    found    {}",
        expected.escape_debug(),
        found.escape_debug()
    ))
}

/// Colours are answered by whoever draws them, which the headless terminal does not; some
/// questions xterm.js does not know.
fn xterm_answers(reply: &Reply) -> bool {
    !matches!(
        reply,
        Reply::Color(..)
            | Reply::Version
            | Reply::TertiaryAttributes
            | Reply::KeyboardFlags(_)
            | Reply::Capability(..)
            | Reply::UnknownCapability
    )
}

/// (a) The engine and xterm.js are fed the same; states and replies must be equal after every
/// step.
pub(crate) fn raw(oracle: &mut Oracle, script: &Script) -> Outcome {
    let mut questions = vec![new_json(script.size)];
    for step in &script.steps {
        questions.push(step_json(step));
        questions.push(json!(["state"]));
        questions.push(json!(["replies"]));
    }
    let answers = match oracle.ask(&questions) {
        Ok(answers) => answers,
        Err(error) => return Outcome::Failed(error),
    };
    let mut terminal = engine(script.size);
    for (i, (step, answer)) in script.steps.iter().zip(answers.chunks(2)).enumerate() {
        apply(&mut terminal, step);
        let state = first_difference("state", &lines(&answer[0]), &terminal.describe());
        let replies: Vec<u8> = terminal
            .take_replies()
            .iter()
            .filter(|reply| xterm_answers(reply))
            .flat_map(Reply::to_bytes)
            .collect();
        let found = vec![String::from_utf8_lossy(&replies).into_owned()];
        let expected = vec![answer[1].as_str().unwrap_or_default().to_owned()];
        let replies = first_difference("replies", &expected, &found);
        if let Some(difference) = state.or(replies) {
            return Outcome::Differs(format!("raw, step {i}: {difference}"));
        }
    }
    Outcome::Exact
}

/// (b) The engine is fed up to a cut; xterm.js, fed the snapshot, must be like xterm.js fed the
/// raw bytes, there and after all that follows. So must a fresh engine be like the first one.
pub(crate) fn snapshot(oracle: &mut Oracle, script: &Script, step: usize, byte: usize) -> Outcome {
    let mut terminal = engine(script.size);
    let mut size = script.size;
    let mut questions = vec![new_json(script.size)];
    let mut rest: Vec<Step> = Vec::new();
    for (i, one) in script.steps.iter().enumerate() {
        if i > step {
            rest.push(one.clone());
            continue;
        }
        let mut before = one.clone();
        if let (Step::Feed(bytes), true) = (one, i == step) {
            let (now, later) = bytes.split_at(byte.min(bytes.len()));
            before = Step::Feed(now.to_vec());
            rest.push(Step::Feed(later.to_vec()));
        }
        if let Step::Resize(cols, rows) = before {
            size = (cols.max(2), rows.max(1));
        }
        apply(&mut terminal, &before);
        questions.push(step_json(&before));
    }
    let snapshot = terminal.snapshot(History::All);
    questions.push(json!(["shown"]));
    let mut fresh = engine(size);
    fresh.feed(&snapshot);
    ask_both(
        oracle,
        &mut questions,
        size,
        snapshot,
        &rest,
        &mut |answers| {
            let half = answers.len() / 2;
            for i in 0..half {
                let what = if i == 0 {
                    "at the cut"
                } else {
                    "after the cut"
                };
                let (raw, again) = (lines(&answers[i]), lines(&answers[half + i]));
                let difference = first_difference(what, &raw, &again);
                if let Some(difference) = difference {
                    return Outcome::Differs(format!("snapshot at {step}+{byte}: {difference}"));
                }
            }
            let (original, again) = (terminal.describe_all(), fresh.describe_all());
            match first_difference("fresh engine", &original, &again) {
                Some(difference) => Outcome::Differs(format!("at {step}+{byte}: {difference}")),
                None => Outcome::Exact,
            }
        },
    )
}

fn ask_both(
    oracle: &mut Oracle,
    questions: &mut Vec<Value>,
    size: (u16, u16),
    snapshot: Vec<u8>,
    rest: &[Step],
    judge: &mut dyn FnMut(&[Value]) -> Outcome,
) -> Outcome {
    let follow = |questions: &mut Vec<Value>, rest: &[Step]| {
        for step in rest {
            questions.push(step_json(step));
            questions.push(json!(["shown"]));
        }
    };
    follow(questions, rest);
    questions.push(new_json(size));
    questions.push(step_json(&Step::Feed(snapshot)));
    questions.push(json!(["shown"]));
    follow(questions, rest);
    match oracle.ask(questions) {
        Ok(answers) => judge(&answers),
        Err(error) => Outcome::Failed(error),
    }
}
