//! Of the dearest inputs and states, those that every test tries.

use super::worst::{SIZES, atoms, changing, repeated, states};
use crate::{Limits, Size, Terminal};

/// What is to be tried in every test: each sequence alone and with text after it.
pub(crate) fn inputs(bytes: usize) -> Vec<(String, Vec<u8>)> {
    let mut inputs = changing();
    for unit in atoms()
        .iter()
        .flat_map(|atom| [atom.clone(), format!("{atom}x\n")])
    {
        let mut input = repeated(&unit);
        input.truncate(bytes);
        inputs.push((format!("{unit:?}"), input));
    }
    inputs
}

/// The largest screen from every state that is `wanted`, the others from the first.
pub(crate) fn starts(wanted: impl Fn(&str) -> bool) -> Vec<(String, Terminal)> {
    let mut starts = Vec::new();
    for (cols, rows) in SIZES {
        let few = if (cols, rows) == SIZES[0] {
            usize::MAX
        } else {
            1
        };
        let states = states(cols, rows).into_iter().take(few);
        for (state, prefix) in states.filter(|(state, _)| wanted(state)) {
            let mut terminal = Terminal::new(Size::new(cols, rows), Limits::default());
            terminal.feed(&prefix);
            starts.push((format!("{state} at {cols}x{rows}"), terminal));
        }
    }
    starts
}
